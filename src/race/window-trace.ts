import type { WindowEvent } from '../core/events.ts';

/** What `auto` allowed from a moment on, until the next step. */
export type WindowStep = Pick<WindowEvent, 'seconds' | 'window' | 'threads' | 'state'>;

/** Steps that are kept of one run. */
export const mostSteps = 1000;
/** Events come ten times a second at most: at first every one of them is kept. */
const finestSeconds = 0.05;

/**
 * The steps of a window over a run. Where they become too many, only the last one in each stretch of time is kept, and
 * the stretches become longer: what held when a stretch ended is true, and what held for a moment in it is left out.
 */
export class WindowTrace {
  #steps: WindowStep[] = [];
  #stretchSeconds = finestSeconds;

  get steps(): readonly WindowStep[] {
    return this.#steps;
  }

  /** In the order of their time. */
  add({ seconds, window, threads, state }: WindowEvent): void {
    // No host has any work: nothing is allowed or forbidden.
    if (window === 0) return;
    const step = { seconds, window, threads, state };
    const last = this.#steps.at(-1);
    if (last !== undefined && this.#areTogether(last, step)) this.#steps.pop();
    this.#steps.push(step);
    while (this.#steps.length > mostSteps) this.#thin();
  }

  #thin(): void {
    this.#stretchSeconds *= 2;
    this.#steps = this.#steps.filter((step, i, steps) => {
      const next = steps[i + 1];
      return next === undefined || !this.#areTogether(step, next);
    });
  }

  #areTogether(...steps: [WindowStep, WindowStep]): boolean {
    const [one, other] = steps.map(({ seconds }) => Math.floor(seconds / this.#stretchSeconds));
    return one === other;
  }
}
