/**
 * In flight to one host, unless the user says otherwise: what a browser may have in flight on one HTTP/2 connection
 * (RFC 9113, 6.5.2, recommends no fewer than 100 concurrent streams).
 */
export const usualCeiling = 100;

/** Hosts that ask for less, with all that is below them. */
const lower: readonly [host: string, ceiling: number][] = [
  // https://wikitech.wikimedia.org/wiki/Robot_policy: files with "a total concurrency of at most 2".
  ['wikimedia.org', 2],
];

/** How many downloads one host may have in flight; `host` may have a port. */
export function hostCeiling(host: string, perHost: number | null): number {
  if (perHost !== null) return perHost;
  const name = host.replace(/:\d+$/, '');
  return lower.find(([of]) => name === of || name.endsWith(`.${of}`))?.[1] ?? usualCeiling;
}
