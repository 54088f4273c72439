import type { Outcome, Summary } from '../../src/index.ts';

/** What a run under load is started with. */
export interface LoadJob {
  /** The module of the library. */
  library: string;
  options: object;
  /** Outcomes from one measurement to the next. */
  sampleEvery: number;
}

/** What it says, a line of JSON each. */
export type LoadMessage =
  | ({ type: 'outcome'; code?: string } & Pick<Outcome, 'index' | 'status' | 'path' | 'attempts'>)
  /** `heapBytes` are in use after a collection. */
  | { type: 'sample'; seen: number; heapBytes: number }
  | { type: 'end'; summary: Summary }
  /** Timers, sockets, files: before the run, and soon after it. */
  | { type: 'open'; before: string[]; after: string[] };
