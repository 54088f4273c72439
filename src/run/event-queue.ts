import type { Running } from '../core/events.ts';

/** Events that may wait to be read; beyond it whoever pushes has to wait, or, with no reader, the newest takes the place of the one before. */
const maxWaiting = 2000;

/**
 * Events from producers to at most one reader. With a reader the producers wait for it, so that
 * memory stays bounded; without one they go on, for many users want the summary alone.
 */
export class EventQueue<Event> implements AsyncIterable<Event> {
  #events: Event[] = [];
  #hasReader = false;
  #ended = false;
  #failure: unknown;
  #wakeReader = () => {};
  /** What everyone who found the queue full waits for. */
  #room: PromiseWithResolvers<void> | undefined;

  /** The caller waits for the promise, if there is one, before it pushes again. */
  push(event: Event): Promise<void> | undefined {
    if (this.#ended) return undefined;
    // Of a run that nobody follows the beginning and the last word are kept.
    if (!this.#hasReader && this.#isFull) this.#events.pop();
    this.#events.push(event);
    this.#wakeReader();
    if (!this.#hasReader || !this.#isFull) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** For what a later event makes up for, from whoever cannot wait: dropped where the queue is full. */
  offer(event: Event): void {
    if (!this.#isFull) void this.push(event);
  }

  /** No more events; with a failure, the reader's iteration throws it. */
  end(failure?: unknown): void {
    this.#failure = failure;
    this.#ended = true;
    this.#wakeReader();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Event> {
    this.#hasReader = true;
    try {
      for (;;) {
        const events = this.#events;
        this.#events = [];
        this.#makeRoom();
        // One by one: a delegated iteration takes three times as long.
        for (const event of events) yield event;
        if (this.#events.length > 0) continue;
        if (this.#ended) break;
        await new Promise<void>((resolve) => {
          this.#wakeReader = resolve;
        });
      }
      if (this.#failure !== undefined) throw this.#failure;
    } finally {
      this.#hasReader = false;
      this.#makeRoom();
    }
  }

  get #isFull(): boolean {
    return this.#events.length >= maxWaiting;
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}

/** Runs `produce` at once; its events and its result as one `Running`. */
export function running<Event, Result>(
  produce: (queue: EventQueue<Event>) => Promise<Result>,
): Running<Event, Result> {
  const queue = new EventQueue<Event>();
  const summary = produce(queue).then(
    (result) => {
      queue.end();
      return result;
    },
    (error: unknown) => {
      queue.end(error);
      throw error;
    },
  );
  // Whoever reads the events sees the failure there; it need not be caught twice.
  summary.catch(() => {});
  return { summary, [Symbol.asyncIterator]: () => queue[Symbol.asyncIterator]() };
}
