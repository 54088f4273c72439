import { type DataSetCounts, formatBytes, formatSeconds, type SkipCode, type Summary } from '../index.ts';

/** What is told of the files that a run saved beside their number. */
export interface SavedFiles {
  /** Bytes that they were made of; those of the files themselves, where nothing was made of them. */
  receivedBytes: number;
  /** Stored as they came, though something was to be made of them, or to be known. */
  unread: number;
}

/**
 * What a run came to, in a line; others say why what was left out was, what a data set has of it, and what `auto`
 * chose, and why, where there was something to choose.
 */
export function summaryLines(summary: Summary, files?: SavedFiles): string[] {
  const { saved, kept, skipped, failed, bytes, seconds, strategy, peakInFlight, reason, dataSet } = summary;
  const counts = [
    `${saved} saved`,
    ...(kept > 0 ? [`${kept} kept`] : []),
    ...(skipped > 0 ? [`${skipped} left out`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  const { receivedBytes, unread } = files ?? { receivedBytes: bytes, unread: 0 };
  const amount =
    receivedBytes === bytes
      ? formatBytes(bytes)
      : `${formatBytes(bytes)}, made of ${formatBytes(receivedBytes)},`;
  const rate = saved > 0 && seconds > 0 ? ` (${formatBytes(receivedBytes / seconds)}/s)` : '';
  const isChosen = reason !== null && saved > 0 && saved + failed > 1;
  return [
    `${counts.join(', ')}: ${amount} in ${formatSeconds(seconds)}${rate}, ${strategy}`,
    ...(skipped > 0 ? [leftOutLine(summary)] : []),
    ...(unread > 0 ? [`stored as they came: ${unread} that cannot be decoded here`] : []),
    ...(dataSet === null ? [] : [dataSetLine(dataSet)]),
    ...(isChosen ? [`up to ${peakInFlight} in flight: ${reason}`] : []),
  ];
}

const skipTexts: Readonly<Record<SkipCode, string>> = {
  'too-small': 'too small',
  'too-long': 'too long',
  'too-large': 'of too many pixels',
  mime: 'of another type',
  undecodable: 'of a format that cannot be decoded',
  robots: 'by X-Robots-Tag',
  duplicate: 'the same as another',
};

function leftOutLine({ skipped, skippedBy }: Pick<Summary, 'skipped' | 'skippedBy'>): string {
  const reasons = Object.entries(skippedBy) as [SkipCode, number][];
  const before = skipped - reasons.reduce((sum, [, count]) => sum + count, 0);
  const texts = reasons
    .toSorted(([, a], [, b]) => b - a)
    .map(([code, count]) => `${count} ${skipTexts[code]}`);
  return `left out: ${[...texts, ...(before > 0 ? [`${before} listed before`] : [])].join(', ')}`;
}

function dataSetLine({ shards, rows, pictures, duplicates }: DataSetCounts): string {
  if (shards === 0) return 'data set: nothing new';
  const packed = `data set: ${counted(shards, 'shard')} of ${counted(rows, 'row')}, ${pictures} with a picture`;
  return duplicates === 0 ? packed : `${packed}; ${duplicates} the same as another`;
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
