import type { Stretch } from '../sinks/sink.ts';

/** From here on more connections pay, on a network that limits each of them: below, the first is nearly done when they begin. */
export const segmentedFromBytes = 8 * 1024 * 1024;
/** Less than this is not worth a request of its own. */
const leastBytes = 1024 * 1024;

/** What is missing of `totalBytes`, where the first `size` bytes are there and what is `ahead`, in order. */
export function gapsOf(size: number, ahead: readonly Stretch[], totalBytes: number): Stretch[] {
  const gaps: Stretch[] = [];
  let from = size;
  for (const next of [...ahead, { from: totalBytes, to: totalBytes }]) {
    if (next.from > from) gaps.push({ from, to: next.from });
    from = Math.max(from, next.to);
  }
  return gaps;
}

/** Cuts the gaps where that is needed to keep `connections` busy, the longest pieces first; in order. */
export function planSegments(gaps: readonly Stretch[], connections: number): Stretch[] {
  const cuts = gaps.map(({ from, to }) => ({ from, bytes: to - from, parts: 1 }));
  const partBytes = ({ bytes, parts }: { bytes: number; parts: number }, more = 0) => bytes / (parts + more);
  for (let parts = cuts.length; parts < connections; parts += 1) {
    const longest = cuts.reduce((most, cut) => (partBytes(cut) > partBytes(most) ? cut : most));
    if (partBytes(longest, 1) < leastBytes) break;
    longest.parts += 1;
  }
  return cuts.flatMap(({ from, bytes, parts }) => {
    const at = (part: number) => from + Math.floor((bytes * part) / parts);
    return Array.from({ length: parts }, (_, part) => ({ from: at(part), to: at(part + 1) }));
  });
}
