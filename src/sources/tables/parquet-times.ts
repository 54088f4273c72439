/** Moments and days of a Parquet file as ISO texts, none of their digits lost; null where no calendar has them. */
export const timeParsers = {
  timestampFromMilliseconds: (millis: bigint): string | null => isoMoment(millis * 1_000_000n),
  timestampFromMicroseconds: (micros: bigint): string | null => isoMoment(micros * 1000n),
  timestampFromNanoseconds: (nanos: bigint): string | null => isoMoment(nanos),
  dateFromDays: (days: number): string | null =>
    isoOf(days * 86_400_000)?.slice(0, -'T00:00:00.000Z'.length) ?? null,
};

function isoMoment(nanos: bigint): string | null {
  // Also before 1970: the rest is never negative.
  const rest = ((nanos % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const iso = isoOf(Number((nanos - rest) / 1_000_000n));
  if (iso === null || rest === 0n) return iso;
  return iso.replace('Z', `${String(rest).padStart(6, '0').replace(/0+$/, '')}Z`);
}

function isoOf(millis: number): string | null {
  const date = new Date(millis);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
