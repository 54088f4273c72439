import type { Item } from './item.ts';
import { type Failure, noTimings, type Outcome } from './outcome.ts';
import { printableUrl } from './printable-url.ts';

/** What every outcome of an item begins as: nothing was done, and there is no file. */
export function blankOutcome(item: Item): Omit<Outcome, 'status'> {
  return {
    key: item.key,
    url: printableUrl(item.url),
    index: item.index,
    path: null,
    bytes: 0,
    sha256: null,
    mime: null,
    width: null,
    height: null,
    attempts: 0,
    ms: noTimings(),
    startedMs: 0,
    endedMs: 0,
    slot: 0,
  };
}

/** The outcome of an item that failed after `waitMs` of trying. */
export function failedOutcome(item: Item, error: Failure, attempts = 0, waitMs = 0): Outcome {
  const ms = { ...noTimings(), wait: waitMs };
  return { ...blankOutcome(item), status: 'failed', attempts, ms, error };
}
