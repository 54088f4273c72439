import { descendants, residentBytes } from '../test/support/processes.ts';

/** Bytes in memory of all processes below `pid`: now, and the most that one of them had so far. */
export function residentBelow(pid: number): { now: number; peak: number } {
  const all = descendants(pid).map((it) => residentBytes(it.pid));
  return {
    now: all.reduce((sum, { now }) => sum + now, 0),
    peak: all.reduce((most, { peak }) => Math.max(most, peak), 0),
  };
}

/** Tells the memory of the processes below `pid` (proc(5), VmRSS and VmHWM) again and again, until it is disposed of. */
export class ResidentWatch implements Disposable {
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number, tell: (bytes: number) => void, everyMs = 50) {
    this.#timer = setInterval(() => {
      const { now, peak } = residentBelow(pid);
      tell(Math.max(now, peak));
    }, everyMs);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
