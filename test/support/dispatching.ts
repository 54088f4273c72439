import type { Item } from '../../src/core/item.ts';
import type { RunSpec, Work } from '../../src/core/run-spec.ts';
import { prepareDirectory } from '../../src/sinks/directory.ts';
import type { DispatchContext } from '../../src/strategies/dispatch-context.ts';
import { Dispatcher } from '../../src/strategies/dispatcher.ts';
import { strategies } from '../../src/strategies/strategies.ts';
import type { Strategy } from '../../src/strategies/strategy.ts';

/** A dispatcher without the run around it. */
export function dispatcher(
  spec: RunSpec,
  context: Partial<DispatchContext> = {},
  strategy: Strategy = strategies[spec.strategy],
): Dispatcher {
  prepareDirectory(spec.dir);
  return new Dispatcher(strategy, {
    spec,
    proxies: null,
    signal: new AbortController().signal,
    graceMs: 60_000,
    note() {},
    received() {},
    stopped() {},
    paused() {},
    window() {},
    recall: () => undefined,
    ...context,
  });
}

export async function* workFrom(items: Iterable<Item>, onTake: () => void = () => {}): AsyncGenerator<Work> {
  for (const item of items) {
    onTake();
    yield { item, target: `${item.name}.{ext}`, ownedPath: null, adoptSinceMs: null };
  }
}

export async function take<T>(outcomes: AsyncIterable<T>): Promise<T[]> {
  const result: T[] = [];
  for await (const outcome of outcomes) result.push(outcome);
  return result;
}
