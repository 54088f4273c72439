/**
 * Shares `capacity` among those who want: equally, and what one does not need goes to the others
 * (max-min fairness). Reduces `wants` to what each gets, and returns their sum.
 */
export function allot(wants: number[], capacity: number): number {
  let total = 0;
  for (const want of wants) total += want;
  if (total <= capacity) return total;
  let level = capacity / wants.length;
  // Each round raises the level by what the modest left over; three come close, the last never overspends.
  for (let round = 0; round < 3; round += 1) {
    let [used, greedy] = [0, 0];
    for (const want of wants) {
      if (want > level) greedy += 1;
      else used += want;
    }
    level = greedy === 0 ? level : (capacity - used) / greedy;
  }
  let given = 0;
  for (let i = 0; i < wants.length; i += 1) {
    wants[i] = Math.min(wants[i]!, level);
    given += wants[i]!;
  }
  return given;
}
