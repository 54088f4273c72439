/**
 * Groups what is there already into batches of up to `max`, without waiting for what is not: a slow
 * source is handed on item by item, a fast one in full batches. Reads one batch ahead at most.
 */
export async function* batches<T>(source: AsyncIterable<T>, max: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  let isOver = false;
  let failure: { error: unknown } | undefined;
  let wakeReader = () => {};
  let wakeTaker = () => {};
  const read = async () => {
    try {
      for await (const item of source) {
        if (isOver) break;
        batch.push(item);
        if (batch.length === 1 || batch.length === max) wakeTaker();
        if (batch.length >= max) {
          await new Promise<void>((resolve) => {
            wakeReader = resolve;
          });
        }
        if (isOver) break;
      }
    } catch (error) {
      failure = { error };
    }
    isOver = true;
    wakeTaker();
  };
  const reading = read();
  const news = () =>
    new Promise<void>((resolve) => {
      wakeTaker = resolve;
    });
  try {
    for (;;) {
      wakeReader();
      if (batch.length === 0 && !isOver) await news();
      // What the source has at hand comes in within this turn.
      if (batch.length < max && !isOver) await Promise.race([news(), nextTurn()]);
      if (batch.length === 0) break;
      const taken = batch;
      batch = [];
      yield taken;
    }
    // A source that fails fails after what it gave was handed on.
    if (failure !== undefined) throw failure.error;
  } finally {
    isOver = true;
    wakeReader();
    await reading;
  }
}

const nextTurn = () =>
  new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
