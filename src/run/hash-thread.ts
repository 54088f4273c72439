import { Worker } from 'node:worker_threads';
import type { FoundFile } from './hash-worker.ts';

const entry = new URL(`./hash-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** A thread that hashes files, started when it gets the first. */
export class HashThread {
  #worker: Worker | undefined;
  /** Why it is of no use any more. */
  #loss: unknown;
  #asked: PromiseWithResolvers<FoundFile[]> | undefined;

  /** Whether it could not be started, has ended or was closed. */
  get isLost(): boolean {
    return this.#loss !== undefined;
  }

  /** What stands under each path, in their order. One call at a time. Rejects when the thread is lost. */
  find(files: string[]): Promise<FoundFile[]> {
    const asked = Promise.withResolvers<FoundFile[]>();
    this.#asked = asked;
    try {
      if (this.isLost) throw this.#loss;
      this.#worker ??= this.#start();
      this.#worker.postMessage(files);
    } catch (error) {
      this.#lose(error);
    }
    return asked.promise;
  }

  /** At once, also in the middle of a file. */
  async close(): Promise<void> {
    this.#loss ??= new Error('it was closed');
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(entry);
    worker.on('message', (found: FoundFile[]) => this.#asked?.resolve(found));
    // Also between two calls: an error that nobody listens for would end the process.
    worker.on('error', (error) => this.#lose(error));
    worker.on('exit', () => this.#lose(new Error('it has ended')));
    return worker;
  }

  #lose(why: unknown): void {
    this.#loss ??= why;
    this.#asked?.reject(this.#loss);
  }
}
