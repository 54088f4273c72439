import { Worker } from 'node:worker_threads';
import type { FoundFile } from './hash-worker.ts';

const entry = new URL(`./hash-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** A thread that hashes files. */
export class HashThread {
  readonly #worker = new Worker(entry);

  /** What stands under each path, in their order. One call at a time. Rejects when the thread ends before. */
  async find(files: string[]): Promise<FoundFile[]> {
    const { promise, resolve, reject } = Promise.withResolvers<FoundFile[]>();
    const onExit = () => reject(new Error('a thread that hashes has ended'));
    this.#worker.once('message', resolve).once('error', reject).once('exit', onExit);
    try {
      this.#worker.postMessage(files);
      return await promise;
    } finally {
      this.#worker.off('message', resolve).off('error', reject).off('exit', onExit);
    }
  }

  /** At once, also in the middle of a file. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
