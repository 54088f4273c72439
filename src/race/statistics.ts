/** The middle value, or the mean of the two middle ones. Throws a RangeError for no values. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('no values have no median');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export interface Spread {
  min: number;
  max: number;
}

/** The smallest and the largest value. Throws a RangeError for no values. */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('no values have no spread');
  return { min: Math.min(...values), max: Math.max(...values) };
}

/** Below this relative difference two single runs are not told apart: ordinary noise of a shared machine. */
const noiseOfOneRun = 0.1;
/** Below this one, medians are not told apart however close the runs lie together. */
const noiseOfMedians = 0.03;

/**
 * Whether the medians of two sets of runs are too close to call: they differ by no more than 3 % of the
 * smaller, or by no more than half the wider spread; with a single run in either set, by no more than 10 %.
 */
export function tied(a: readonly number[], b: readonly number[]): boolean {
  const [first, second] = [median(a), median(b)];
  const difference = Math.abs(first - second);
  const smaller = Math.min(first, second);
  if (a.length === 1 || b.length === 1) return difference <= noiseOfOneRun * smaller;
  const widest = Math.max(...[a, b].map((values) => spread(values).max - spread(values).min));
  return difference <= Math.max(noiseOfMedians * smaller, widest / 2);
}

/** `part` of `whole`, 0 where there is no whole. */
export function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}
