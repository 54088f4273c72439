import { InternalError, InterruptedError } from '../core/errors.ts';
import type { Item } from '../core/item.ts';
import type { Outcome } from '../core/outcome.ts';
import type { TellPacked } from './commit.ts';
import { prepareShards } from './destination.ts';
import { ShardLayout } from './layout.ts';
import { OpenShard } from './open-shard.ts';
import { PackThread } from './pack-thread.ts';
import { RowMaker } from './row.ts';
import type { PackSpec } from './settings.ts';
import type { ShardContext } from './shard-context.ts';
import { readStats } from './stats.ts';
import { withFiles } from './with-files.ts';

/** So many rows, and so many shards' worth of them, may wait for one that is slow. */
const waitingRows = 20_000;
const waitingShards = 3;

/** Packs what a run downloads into shards. */
export interface Packer {
  /** Where an item is downloaded to: the target of its name, whatever `--name` says. */
  target(item: Item): string;
  /**
   * For every item, in the order of the source, before it is planned. Returns the outcome of what a shard has already, which
   * is not to be downloaded, and not to be added. The caller waits for the promise, which may take until earlier shards are packed.
   * Throws a `UsageError` where there are shards of other rows, and whatever ended the packing.
   */
  take(item: Item): Promise<Outcome | null> | Outcome | null;
  /** The outcome of each item that was taken, once, in any order; also of one that another step settled. Throws as `take`. */
  add(outcome: Outcome): void;
  /** Nothing more will be taken, and all has been added: packs what is left. Rejects as `take` throws. */
  end(): Promise<void>;
  /** Stops packing, and leaves what is not finished to the next run. */
  close(): Promise<void>;
}

/**
 * Throws a `UsageError` where the shards that are there are not this run's to go on with, a `DiskError` where the disk refuses. `tell` may
 * be called before it returns: of shards that an earlier run could not tell of. `signal` ends the waiting of `take`, with
 * an `InterruptedError`, and nothing else.
 */
export async function openPacker(spec: PackSpec, tell: TellPacked, signal?: AbortSignal): Promise<Packer> {
  const layout = new ShardLayout(spec.output, spec.shardSize);
  await prepareShards(spec, layout, tell);
  const thread = new PackThread(spec, tell);
  try {
    // What cannot be read of the shards that are there is said before anything is fetched.
    if (spec.duplicates !== 'keep') await thread.prepare();
  } catch (error) {
    await thread.close();
    throw error;
  }
  return new ShardPacker({ spec, layout, maker: new RowMaker(spec) }, thread, signal);
}

class ShardPacker implements Packer {
  readonly #context: ShardContext;
  readonly #thread: PackThread;
  readonly #signal: AbortSignal | undefined;
  readonly #most: number;
  /** By number, in their order: those that wait, and at the end the one that is filled. */
  readonly #shards = new Map<number, OpenShard>();
  /** Of all of them together. */
  #rows = 0;
  #current: OpenShard | null = null;
  #packing: Promise<void> | null = null;
  #isStopped = false;
  #failure: { error: unknown } | null = null;
  #changed = Promise.withResolvers<void>();
  readonly #closing = new AbortController();
  /** Of open files: nothing more is taken until the shard is packed for which they are missing. */
  #isShort = false;

  constructor(context: ShardContext, thread: PackThread, signal: AbortSignal | undefined) {
    this.#context = context;
    this.#thread = thread;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#tellChange);
    this.#most = Math.max(waitingRows, waitingShards * context.layout.shardSize);
  }

  target(item: Item): string {
    return this.#context.layout.target(item);
  }

  take(item: Item): Promise<Outcome | null> | Outcome | null {
    this.#refuse();
    const shard = this.#context.layout.shardOf(item.index);
    const taking = (begun: OpenShard) => {
      this.#rows += 1;
      return begun.take(item);
    };
    if (this.#isShort) return this.#untilPacked(() => this.#isShort).then(() => this.take(item));
    return this.#current?.number === shard ? taking(this.#current) : this.#begin(shard).then(taking);
  }

  add(outcome: Outcome): void {
    this.#refuse();
    const shard = this.#shards.get(this.#context.layout.shardOf(outcome.index));
    if (shard === undefined) throw new InternalError(`item ${outcome.index} was never taken`);
    shard.settle(outcome);
    if (shard.isSettled) this.#pack();
  }

  async end(): Promise<void> {
    await this.#current?.takeNoMore();
    this.#current = null;
    this.#pack();
    while (this.#packing !== null) await this.#packing;
    this.#refuse();
    const left = this.#first;
    if (left !== undefined) throw new InternalError(`shard ${left.number} waits for rows that never came`);
  }

  async close(): Promise<void> {
    this.#isStopped = true;
    this.#closing.abort();
    this.#thread.stop();
    this.#tellChange();
    await this.#packing;
    await this.#thread.close();
    this.#signal?.removeEventListener('abort', this.#tellChange);
    for (const shard of this.#shards.values()) await shard.close();
    this.#shards.clear();
  }

  async #begin(number: number): Promise<OpenShard> {
    const last = this.#current;
    if (last !== null && last.number > number) throw new InternalError('items came out of their order');
    this.#current = null;
    await last?.takeNoMore();
    this.#pack();
    await this.#untilPacked(() => this.#rows >= this.#most);
    const { spec, layout } = this.#context;
    this.#current = new OpenShard(number, this.#context, readStats(spec.dir, layout.statsFile(number)));
    this.#shards.set(number, this.#current);
    return this.#current;
  }

  async #untilPacked(isToWait: () => boolean): Promise<void> {
    while (isToWait()) {
      if (this.#isStopped || this.#signal?.aborted) throw new InterruptedError();
      await this.#changed.promise;
      this.#refuse();
    }
  }

  /** One at a time, in their order: what is a duplicate of what must not depend on which was faster. */
  #pack(): void {
    if (this.#packing !== null || this.#failure !== null) return;
    this.#packing = this.#packSettled()
      .catch((error: unknown) => {
        this.#failure = { error };
      })
      .finally(() => {
        this.#packing = null;
        this.#tellChange();
        // It may have settled when the last look was over.
        if (this.#first?.isSettled && !this.#isStopped) this.#pack();
      });
  }

  get #first(): OpenShard | undefined {
    return this.#shards.values().next().value;
  }

  async #packSettled(): Promise<void> {
    for (let shard = this.#first; shard?.isSettled && !this.#isStopped; shard = this.#first) {
      await this.#packOne(shard);
      await shard.close();
      this.#shards.delete(shard.number);
      this.#rows -= shard.taken;
      this.#tellChange();
    }
  }

  async #packOne(shard: OpenShard): Promise<void> {
    const step = async () => {
      const job = shard.job();
      if (job !== null) await this.#thread.pack(job);
    };
    try {
      await withFiles(step, this.#closing.signal, () => {
        this.#isShort = true;
      });
    } finally {
      this.#isShort = false;
    }
  }

  readonly #tellChange = (): void => {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  };

  #refuse(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}
