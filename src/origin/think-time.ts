import type { OriginOptions } from './options.ts';
import { draw, lots } from './random.ts';

/** The server's own time before it answers, in milliseconds: the same for the same lot, whatever the order. */
export type ThinkTime = (...lot: number[]) => number;

export function thinkTime({ seed, thinkMs: [from, to] }: OriginOptions): ThinkTime {
  return (...lot) => from + draw(seed, lots.think, ...lot) * (to - from);
}
