import type { Conditions } from './conditions.ts';
import { Host } from './host.ts';
import type { OriginOptions } from './options.ts';
import { draw, lots } from './random.ts';

/** Addresses in one part of 127.0.0.0/16: those that end in 0 or 255 are left alone. */
const inOnePart = 250;

/** 127.0.0.1 for 0, and so on. */
const addressOf = (index: number): string =>
  `127.0.${Math.floor(index / inOnePart)}.${(index % inOnePart) + 1}`;

/** The hosts of an origin, the first of which is 127.0.0.1. Each is as fast as its lots say, the same for the same seed. */
export function makeHosts(
  { hosts, hostSpread, seed }: OriginOptions,
  conditions: Conditions,
  now: () => number,
): Host[] {
  // As many are so much faster as are so much slower.
  const factor = (index: number, n: number) => hostSpread ** (2 * draw(seed, lots.host, index, n) - 1);
  return Array.from({ length: hosts }, (_, i) => {
    const factors = { rtt: factor(i, 0), think: factor(i, 1), bandwidth: factor(i, 2) };
    return new Host(addressOf(i), factors, conditions, now);
  });
}
