import { type HostExperience, HostWindow } from './host-window.ts';

/** Windows of hosts that nothing is known of are let go from here on. */
const maxWindows = 4000;

export interface HostWindowsOptions {
  /** Where the window of a host begins that nothing is known of. */
  initial: number;
  ceilingOf(host: string): number;
  /** What earlier runs found. */
  recall(host: string): HostExperience | undefined;
}

/** How many downloads each host may have in flight. */
export class HostWindows {
  readonly #options: HostWindowsOptions;
  readonly #windows = new Map<string, HostWindow>();

  constructor(options: HostWindowsOptions) {
    this.#options = options;
  }

  get(host: string): HostWindow {
    let window = this.#windows.get(host);
    if (window === undefined) {
      const { initial, ceilingOf, recall } = this.#options;
      window = new HostWindow(initial, ceilingOf(host), recall(host));
      this.#windows.set(host, window);
    }
    return window;
  }

  /** Nothing of the host is in flight or waiting. Bounded, however many hosts a list has. */
  idle(host: string): void {
    if (this.#windows.size > maxWindows) this.#windows.delete(host);
  }

  [Symbol.iterator](): IterableIterator<[string, HostWindow]> {
    return this.#windows.entries();
  }
}
