/** What came in while a sample was taken. */
export interface Sample {
  size: number;
  /** A second. */
  bytes: number;
  /** Downloads that ended well, a second. */
  files: number;
}

export const nothing: Sample = { size: 0, bytes: 0, files: 0 };

const ratio = (a: number, b: number): number => (b > 0 ? a / b : a > 0 ? Number.POSITIVE_INFINITY : 0);

/** How many times as much one brought as the other, of what gained more. */
export const gain = (sample: Sample, than: Sample): number =>
  Math.max(ratio(sample.bytes, than.bytes), ratio(sample.files, than.files));

/** The same, of both. */
export function share(sample: Sample, of: Sample): number {
  if (of.files === 0) return ratio(sample.bytes, of.bytes);
  return (ratio(sample.bytes, of.bytes) + ratio(sample.files, of.files)) / 2;
}

export const mostOf = (samples: readonly Sample[]): Sample => ({
  size: Math.max(0, ...samples.map(({ size }) => size)),
  bytes: Math.max(0, ...samples.map(({ bytes }) => bytes)),
  files: Math.max(0, ...samples.map(({ files }) => files)),
});

export const mean = (usual: Sample, latest: Sample): Sample => ({
  size: latest.size,
  bytes: 0.7 * usual.bytes + 0.3 * latest.bytes,
  files: 0.7 * usual.files + 0.3 * latest.files,
});
