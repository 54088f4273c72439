import { Worker } from 'node:worker_threads';
import { errorFromData } from '../core/error-data.ts';
import { asGallopError, InternalError, isScarce, thrownText } from '../core/errors.ts';
import type { PackedShard, TellPacked } from './commit.ts';
import type { PackJob } from './pack.ts';
import type { FromPackThread, ToPackThread } from './pack-messages.ts';
import { type PackSpec, packSpecOf } from './settings.ts';

const entry = new URL(`./pack-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/**
 * A thread that packs, started with its first task: reading, hashing and writing all pictures once more would keep the run's own from fetching.
 * One task at a time.
 */
export class PackThread {
  readonly #spec: PackSpec;
  readonly #tell: TellPacked;
  #worker: Worker | undefined;
  #asked: PromiseWithResolvers<void> | undefined;
  /** What `tell` threw. */
  #refusal: { error: unknown } | null = null;
  #isStopped = false;

  constructor(spec: PackSpec, tell: TellPacked) {
    this.#spec = spec;
    this.#tell = tell;
  }

  /** Rejects as `openDuplicates` does. */
  prepare(): Promise<void> {
    return this.#ask({ type: 'prepare' });
  }

  /**
   * See `packShard`. Rejects also with what `tell` threw, and with an `InternalError` where the thread is lost. Where the machine had too few
   * open files, it may be asked again.
   */
  pack(job: PackJob): Promise<void> {
    return this.#ask({ type: 'pack', job });
  }

  /** What is being packed is given up, and nothing is begun any more: tasks reject. */
  stop(): void {
    this.#isStopped = true;
    this.#send({ type: 'stop' });
  }

  /** Once no task is under way. */
  async close(): Promise<void> {
    this.#isStopped = true;
    await this.#worker?.terminate();
  }

  #ask(message: ToPackThread): Promise<void> {
    const asked = Promise.withResolvers<void>();
    this.#asked = asked;
    try {
      if (this.#isStopped) throw new InternalError('the thread that packs is stopped');
      this.#worker ??= this.#start();
      this.#send(message);
    } catch (error) {
      asked.reject(error);
    }
    return asked.promise;
  }

  #send(message: ToPackThread): void {
    this.#worker?.postMessage(message);
  }

  #start(): Worker {
    const worker = new Worker(entry, { workerData: packSpecOf(this.#spec) });
    worker.on('message', (message: FromPackThread) => {
      if (message.type === 'packed') void this.#told(message.packed);
      else if (message.type === 'done') this.#asked?.resolve();
      else this.#asked?.reject(this.#refusal?.error ?? errorFromData(message.error));
    });
    // Also between two tasks: an error that nobody listens for would end the process.
    worker.on('error', (error) => this.#lose(worker, error));
    worker.on('exit', () => this.#lose(worker, new Error('it has ended')));
    return worker;
  }

  async #told(packed: PackedShard): Promise<void> {
    try {
      await this.#tell(packed);
    } catch (error) {
      this.#refusal = { error };
    }
    this.#send({ type: 'told', isKept: this.#refusal === null });
  }

  #lose(worker: Worker, cause: unknown): void {
    if (worker !== this.#worker) return;
    if (isScarce(cause)) {
      // It never began: the next task begins another.
      this.#worker = undefined;
      this.#asked?.reject(asGallopError(cause));
      return;
    }
    this.#isStopped = true;
    this.#asked?.reject(
      new InternalError(`the thread that packs could not go on: ${thrownText(cause)}`, { cause }),
    );
  }
}
