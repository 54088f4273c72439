/**
 * Groups what is there already into batches of up to `max`, without waiting for what is not: a slow
 * source is handed on item by item, a fast one in full batches.
 */
export async function* batches<T>(source: AsyncIterable<T>, max: number): AsyncGenerator<T[]> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    let next = iterator.next();
    // Awaited below; until then a rejection must not count as unhandled.
    next.catch(() => {});
    for (;;) {
      const first = await next;
      if (first.done) return;
      const batch = [first.value];
      next = iterator.next();
      next.catch(() => {});
      const pause = new Promise<undefined>((resolve) => setImmediate(resolve, undefined));
      while (batch.length < max) {
        // A source that failed fails the next round, after this batch is handed on.
        const result = await Promise.race([next, pause]).catch(() => undefined);
        if (result === undefined || result.done) break;
        batch.push(result.value);
        next = iterator.next();
        next.catch(() => {});
      }
      yield batch;
    }
  } finally {
    await iterator.return?.();
  }
}
