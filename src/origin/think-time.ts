import type { Conditions } from './conditions.ts';
import { draw, lots } from './random.ts';

/** The server's own time before it answers, in milliseconds: the same for the same lot, whatever the order. */
export type ThinkTime = (...lot: number[]) => number;

export function thinkTime(conditions: Conditions): ThinkTime {
  return (...lot) => {
    const { seed, thinkMs } = conditions.current;
    const [from, to] = thinkMs;
    return from + draw(seed, lots.think, ...lot) * (to - from);
  };
}
