import { InterruptedError } from '../core/errors.ts';
import type { Closers } from './closers.ts';

/**
 * The same items, of which the first has been read: what cannot be listed at all is thrown now. Rejects with an
 * `InterruptedError` when `signal` aborts before there is one. `closers` let go of them.
 */
export async function begun<T>(
  items: AsyncIterable<T> | Iterable<T>,
  signal: AbortSignal,
  closers: Closers,
): Promise<AsyncIterable<T>> {
  const rest = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  // Not waited for: one that is being read is left when its source is closed.
  closers.add(() => void Promise.resolve(rest.return?.()).catch(() => {}));
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(new InterruptedError());
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    return all(await Promise.race([rest.next(), stopped.promise]), rest);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function* all<T>(first: IteratorResult<T>, rest: AsyncIterator<T> | Iterator<T>): AsyncGenerator<T> {
  for (let next = first; !next.done; next = await rest.next()) yield next.value;
}
