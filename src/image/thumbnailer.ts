import { type ChildProcess, fork } from 'node:child_process';
import { workerEnvironment } from '../core/worker-environment.ts';
import type { FromThumbnailer, ThumbnailRequest } from './thumbnail-messages.ts';

const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const entry = new URL(`./thumbnail-worker${ending}`, import.meta.url);
/** For the start of a process, and for one picture. */
const mostMs = 10_000;

/** Makes small pictures of pictures, one at a time, in a process of its own that is started anew where one was too much for it. */
export class Thumbnailer {
  readonly #side: number;
  #child: ChildProcess | undefined;

  /** `side`: pixels of the larger side of a thumbnail. */
  constructor(side: number) {
    this.#side = side;
  }

  /** A WebP; null where the picture cannot be decoded, or not in 10 s. The next only after it. */
  async make(bytes: Uint8Array): Promise<Uint8Array | null> {
    let child = this.#child;
    if (child === undefined || !child.connected) {
      child = fork(entry, {
        env: workerEnvironment(process.env),
        stdio: 'ignore',
        execArgv: [],
        serialization: 'advanced',
      });
      this.#child = child;
      // Whoever waits hears of it by itself.
      child.on('error', () => {});
      if ((await said(child)) === null) return null;
    }
    const answer = said(child);
    child.send({ bytes, side: this.#side } satisfies ThumbnailRequest, () => {});
    const made = await answer;
    return made === null || made === 'ready' ? null : made.webp;
  }

  close(): void {
    this.#child?.kill('SIGKILL');
  }
}

/** What the process says next; null where it ends, or has to be ended, before. */
async function said(child: ChildProcess): Promise<FromThumbnailer | null> {
  const { promise, resolve } = Promise.withResolvers<FromThumbnailer | null>();
  const none = () => resolve(null);
  const timer = setTimeout(() => child.kill('SIGKILL'), mostMs);
  child.once('message', resolve as (message: unknown) => void);
  child.once('exit', none).once('error', none);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    child.off('message', resolve).off('exit', none).off('error', none);
  }
}
