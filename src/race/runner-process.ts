/**
 * The process of one run of a race: gets the items and the spec from its parent, does the run, and says
 * what it used. It has a process of its own so that CPU time and memory are of that run alone.
 */
import { errorToData } from '../core/error-data.ts';
import { asGallopError, InterruptedError } from '../core/errors.ts';
import type { RunEvent } from '../core/events.ts';
import type { Item } from '../core/item.ts';
import type { RunSpec } from '../core/run-spec.ts';
import { running } from '../run/event-queue.ts';
import { performRun, type RunResult } from '../run/run.ts';
import type { FromRunner, ToRunner } from './runner-messages.ts';

/** Events wait this long for company, or until there are so many, so that a message carries many. */
const batchMs = 50;
const batchEvents = 1000;

const stop = new AbortController();
const items: Item[] = [];

const post = (message: FromRunner): Promise<void> =>
  new Promise((resolve) => process.send!(message, () => resolve()));

let taken = () => {};

/** Resolves when the parent has taken the events: a slow reader of them is waited for. */
async function deliver(events: RunEvent[]): Promise<void> {
  const isTaken = new Promise<void>((resolve) => {
    taken = resolve;
  });
  await post({ type: 'events', events });
  await isTaken;
}

/** Hands events over, those of a moment together. */
async function follow(events: AsyncIterable<RunEvent>): Promise<void> {
  const batch: RunEvent[] = [];
  let delivery: Promise<void> | undefined;
  const flush = () => {
    delivery = deliver(batch.splice(0)).then(() => {
      delivery = undefined;
    });
    return delivery;
  };
  const timer = setInterval(() => {
    if (batch.length > 0 && delivery === undefined) void flush();
  }, batchMs);
  try {
    for await (const event of events) {
      batch.push(event);
      while (batch.length >= batchEvents) await (delivery ?? flush());
    }
  } finally {
    clearInterval(timer);
    while (batch.length > 0 || delivery !== undefined) await (delivery ?? flush());
  }
}

async function run(spec: RunSpec): Promise<void> {
  try {
    const run = running<RunEvent, RunResult>((queue) =>
      performRun(spec, { signal: stop.signal, items, isIsolated: true }, queue),
    );
    await follow(run);
    await post({ type: 'end', ...(await run.summary) });
  } catch (error) {
    await post({ type: 'error', error: errorToData(asGallopError(error)) });
  } finally {
    process.disconnect();
  }
}

process.on('message', (message: ToRunner) => {
  if (message.type === 'items') for (const item of message.items) items.push(item);
  else if (message.type === 'taken') taken();
  else void run(message.spec);
});
process.on('SIGTERM', () => stop.abort(new InterruptedError()));
// Ctrl-C reaches every process of the terminal: the parent decides what it means.
process.on('SIGINT', () => {});
// After the last message this process closes the channel itself; before it, its parent is gone.
process.on('disconnect', () => process.exit());
