import { setTimeout as sleep } from 'node:timers/promises';
import { isScarce } from '../core/errors.ts';

const pauseMs = 250;
/** Downloads that are in flight end, and connections that nobody uses are closed; then there are files, or never. */
const patienceMs = 30_000;

/**
 * Does a step that can be done anew, and does it again where the machine had no more open files, which downloads may have. `told` is called
 * with the first failure. Rejects as the step does, with its last failure where `signal` aborts.
 */
export async function withFiles<T>(
  step: () => Promise<T> | T,
  signal: AbortSignal,
  told: () => void,
): Promise<T> {
  const begunAt = performance.now();
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (!isScarce(error) || signal.aborted || performance.now() - begunAt > patienceMs) throw error;
      told();
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
    }
  }
}
