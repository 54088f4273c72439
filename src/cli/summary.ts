import { formatBytes, formatSeconds, type Summary } from '../index.ts';

/** What a run came to, in a line; a second one says what `auto` chose, and why, where there was something to choose. */
export function summaryLines(summary: Summary): string[] {
  const { saved, kept, skipped, failed, bytes, seconds, strategy, peakInFlight, reason } = summary;
  const counts = [
    `${saved} saved`,
    ...(kept > 0 ? [`${kept} kept`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  const rate = saved > 0 && seconds > 0 ? ` (${formatBytes(bytes / seconds)}/s)` : '';
  const line = `${counts.join(', ')}: ${formatBytes(bytes)} in ${formatSeconds(seconds)}${rate}, ${strategy}`;
  if (reason === null || saved === 0 || saved + failed === 1) return [line];
  return [line, `up to ${peakInFlight} in flight: ${reason}`];
}
