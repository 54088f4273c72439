import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { asRefusal } from '../sinks/refusal.ts';
import { writeFully } from '../sinks/write-fully.ts';

/** Written in pieces of so many bytes, so that nothing else waits for long. */
const pieceBytes = 1024 * 1024;

export interface FileFacts {
  bytes: number;
  /** Lower-case hex. */
  sha256: string;
}

/** A new file that is written from its beginning to its end, and hashed on the way. Every method throws a `DiskError` where the disk refuses. */
export class PartFile {
  readonly #file: string;
  readonly #descriptor: number;
  readonly #hash = createHash('sha256');
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #written = 0;

  constructor(file: string) {
    this.#file = file;
    try {
      this.#descriptor = fs.openSync(file, 'wx');
    } catch (error) {
      throw asRefusal(error, file);
    }
  }

  get size(): number {
    return this.#written + this.#waitingBytes;
  }

  /** The bytes are not to be changed afterwards. The caller waits for the promise, if there is one, before it appends again. */
  append(bytes: Buffer): Promise<void> | undefined {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    return this.#waitingBytes >= pieceBytes ? this.#flush() : undefined;
  }

  async finish(sync: boolean): Promise<FileFacts> {
    await this.#flush();
    try {
      if (sync) fs.fsyncSync(this.#descriptor);
    } catch (error) {
      throw asRefusal(error, this.#file);
    }
    this.close();
    return { bytes: this.#written, sha256: this.#hash.digest('hex') };
  }

  /** Leaves the file as it is. */
  close(): void {
    if (this.#isOpen) fs.closeSync(this.#descriptor);
    this.#isOpen = false;
  }

  #isOpen = true;

  async #flush(): Promise<void> {
    const chunks = this.#waiting;
    const at = this.#written;
    this.#written += this.#waitingBytes;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const chunk of chunks) this.#hash.update(chunk);
    try {
      await writeFully(this.#descriptor, chunks, at);
    } catch (error) {
      throw asRefusal(error, this.#file);
    }
  }
}
