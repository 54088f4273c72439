import { appendFileSync } from 'node:fs';
import { isMainThread, parentPort } from 'node:worker_threads';
import { randomNumbers } from '../random.ts';

/**
 * Preloaded into a run (`node --import`, with its parameters in its address) it lets the run's threads live for so
 * many items, about: at the next comes an exception that nobody catches. `deaths` is a file that gets a byte for each.
 */
const parameters = new URL(import.meta.url).searchParams;
const [deaths, items] = [parameters.get('deaths'), Number(parameters.get('items'))];

if (!isMainThread && deaths !== null) {
  const draw = randomNumbers(Number(parameters.get('seed')) + performance.timeOrigin);
  let left = Math.round(items * (0.75 + draw() / 2));
  const on = parentPort!.on.bind(parentPort);
  parentPort!.on = (name, listener) => {
    if (name !== 'message') return on(name, listener);
    return on(name, (message: { type: string }) => {
      if (message.type === 'work') left -= 1;
      listener(message);
      if (left > 0) return;
      appendFileSync(deaths, '.');
      throw new Error('its time had come');
    });
  };
}
