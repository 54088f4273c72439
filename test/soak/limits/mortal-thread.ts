import { appendFileSync } from 'node:fs';
import { isMainThread, parentPort, threadId } from 'node:worker_threads';
import { randomNumbers } from '../random.ts';

/**
 * Preloaded into a run (`node --import`, with its parameters in its address) it lets the run's threads live for so
 * many items, about: at the next comes an exception that nobody catches. `deaths` is a file that gets a byte for each.
 */
const parameters = new URL(import.meta.url).searchParams;
const [deaths, items] = [parameters.get('deaths'), Number(parameters.get('items'))];

if (!isMainThread && deaths !== null) {
  // Each its own, and far apart: where threads that began together die together, an item goes from one to the next.
  const draw = randomNumbers(Number(parameters.get('seed')) * 1009 + threadId);
  let left = Math.ceil(items * 2 * draw());
  const on = parentPort!.on.bind(parentPort);
  parentPort!.on = (name, listener) => {
    if (name !== 'message') return on(name, listener);
    return on(name, (message: { works?: unknown[] }) => {
      left -= message.works?.length ?? 0;
      listener(message);
      if (left > 0) return;
      appendFileSync(deaths, '.');
      throw new Error('its time had come');
    });
  };
}
