import type { RunEvent } from '../core/events.ts';
import type { Item } from '../core/item.ts';
import { printableUrl } from '../core/printable-url.ts';
import type { RunSpec } from '../core/run-spec.ts';
import type { EventQueue } from './event-queue.ts';
import type { Meter } from './meter.ts';

/** What a run takes from its source. Tells the start, once: with the first item, when their number may be known. */
export class Intake {
  started = false;
  #taken = 0;
  #exhausted = false;
  /** Without an outcome yet: what is in flight and read ahead. Where nobody lists the failed, nobody asks for them. */
  readonly #open: Map<string, Item> | undefined;
  readonly #spec: RunSpec;
  readonly #meter: Meter;
  readonly #queue: EventQueue<RunEvent>;

  constructor(spec: RunSpec, meter: Meter, queue: EventQueue<RunEvent>) {
    this.#spec = spec;
    if (spec.failedFile !== null) this.#open = new Map();
    this.#meter = meter;
    this.#queue = queue;
  }

  /** Whether every item of the source has its outcome. */
  get isDone(): boolean {
    return this.#exhausted && this.#meter.done === this.#taken;
  }

  /** The item of an outcome, once, where failed items are listed. */
  settle(key: string): Item | undefined {
    const item = this.#open?.get(key);
    this.#open?.delete(key);
    return item;
  }

  start(): void {
    if (this.started) return;
    this.started = true;
    const { strategy, dir, sources, input } = this.#spec;
    const source = [...sources.map(printableUrl), ...input.map((file) => `-i ${file}`)].join(' ');
    void this.#queue.push({ event: 'start', strategy, source, dir, total: this.#meter.total });
  }

  async *items(source: AsyncIterable<Item> | Iterable<Item>): AsyncGenerator<Item> {
    for await (const item of source) {
      this.start();
      this.#taken += 1;
      this.#open?.set(item.key, item);
      yield item;
    }
    this.#exhausted = true;
  }
}
