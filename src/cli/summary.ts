import { formatBytes, formatSeconds, type Summary } from '../index.ts';

/** What a run came to, as one line. */
export function summaryText(summary: Summary): string {
  const { saved, kept, skipped, failed, bytes, seconds, strategy } = summary;
  const counts = [
    `${saved} saved`,
    ...(kept > 0 ? [`${kept} kept`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  const rate = saved > 0 && seconds > 0 ? ` (${formatBytes(bytes / seconds)}/s)` : '';
  return `${counts.join(', ')}: ${formatBytes(bytes)} in ${formatSeconds(seconds)}${rate}, ${strategy}`;
}
