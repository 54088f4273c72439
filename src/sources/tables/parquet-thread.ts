import { Worker } from 'node:worker_threads';
import { errorFromData } from '../../core/error-data.ts';
import { InterruptedError } from '../../core/errors.ts';
import { formatBytes, formatSeconds } from '../../core/units.ts';
import type { RowBatch } from './parquet-groups.ts';
import type { DecodingAnswer, DecodingJob } from './parquet-worker.ts';

const entry = new URL(`./parquet-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** Batches that it makes ready before they are asked for. */
const ahead = 2;
/** V8 would take six times as much, for the same throughput. */
const youngGenerationMb = 8;

export interface DecodingLimits {
  /** How long it may compute without a batch. What waits for a disk does not compute. */
  silenceMs: number;
  /** What texts and objects may take; pages, as bytes, are bounded where they are read. */
  heapMb: number;
}

/** Ample on a machine that is busy with other things: half a gigabyte is unpacked in a few seconds. */
const defaultLimits: DecodingLimits = { silenceMs: 60_000, heapMb: 1024 };

/** A tick is a share of it: what has stood still, the machine for one, has not been silent for longer than a tick. */
const ticksOfSilence = 20;

/**
 * The rows of a Parquet file, decoded by a thread: what a damaged file says may hold it for ever, or take all memory,
 * and then the thread ends and not the process. Throws when it cannot be read on, an InterruptedError at once when
 * `signal` aborts.
 */
export async function* batchesOfThread(
  job: DecodingJob,
  signal: AbortSignal,
  limits: DecodingLimits = defaultLimits,
): AsyncGenerator<RowBatch> {
  const thread = new DecodingThread(job, limits);
  const interrupt = () => thread.end(new InterruptedError());
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    if (signal.aborted) interrupt();
    for (;;) {
      const batch = await thread.next();
      if (batch === null) return;
      yield batch;
    }
  } finally {
    signal.removeEventListener('abort', interrupt);
    await thread.close();
  }
}

class DecodingThread {
  readonly #worker: Worker;
  readonly #ready: (RowBatch | null)[] = [];
  readonly #ticker: NodeJS.Timeout;
  #silentTicks = 0;
  /** Batches that it was asked for and has not made. */
  #owed = 0;
  /** Why there are no more than those that are ready. */
  #loss: unknown;
  #wake = () => {};

  constructor(job: DecodingJob, { silenceMs, heapMb }: DecodingLimits) {
    this.#worker = new Worker(entry, {
      workerData: job,
      resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: youngGenerationMb },
    });
    this.#worker.on('message', (answer: DecodingAnswer) => this.#take(answer));
    this.#worker.on('error', (error) => this.end(errorOfThread(error, heapMb)));
    this.#worker.on('exit', () => this.end(new Error('the thread that reads it has ended')));
    this.#ticker = this.#watch(silenceMs);
    for (let n = 0; n < ahead; n += 1) this.#ask();
  }

  /** The next rows, null behind the last. One call at a time. */
  async next(): Promise<RowBatch | null> {
    while (this.#ready.length === 0) {
      if (this.#loss !== undefined) throw this.#loss;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#ask();
    return this.#ready.shift()!;
  }

  /** There are no more batches; the first reason counts. */
  end(why: unknown): void {
    this.#loss ??= why;
    // Nobody waits for what was ready.
    if (why instanceof InterruptedError) this.#ready.length = 0;
    void this.close();
    this.#wake();
  }

  /** At once, also in the middle of a page. */
  async close(): Promise<void> {
    clearInterval(this.#ticker);
    await this.#worker.terminate();
  }

  #ask(): void {
    this.#owed += 1;
    this.#worker.postMessage(null);
  }

  #take(answer: DecodingAnswer): void {
    this.#silentTicks = 0;
    this.#owed -= 1;
    if ('error' in answer) {
      const { error } = answer;
      this.end(typeof error === 'string' ? new Error(error) : errorFromData(error));
    } else {
      this.#ready.push('batch' in answer ? answer.batch : null);
      this.#wake();
    }
  }

  /** Ends a thread that computes and computes. One that waits, for a disk or to be asked, may do so. */
  #watch(silenceMs: number): NodeJS.Timeout {
    const { performance } = this.#worker;
    let before = performance.eventLoopUtilization();
    return setInterval(() => {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, before);
      before = now;
      const isBusy = this.#owed > 0 && utilization > 0.5;
      this.#silentTicks = isBusy ? this.#silentTicks + 1 : 0;
      if (this.#silentTicks < ticksOfSilence) return;
      this.end(new Error(`nothing came of ${formatSeconds(silenceMs / 1000)} of decoding`));
    }, silenceMs / ticksOfSilence);
  }
}

function errorOfThread(error: unknown, heapMb: number): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') return error;
  return new Error(`to decode it takes more than ${formatBytes(heapMb * 1024 ** 2)} of memory`);
}
