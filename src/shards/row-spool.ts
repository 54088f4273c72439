import fs from 'node:fs';
import { isScarce } from '../core/errors.ts';
import { asRefusal } from '../sinks/refusal.ts';
import type { ShardRow } from './row.ts';
import type { Spooled } from './spooled-rows.ts';

/** So much waits in memory before it is written. */
const waitingChars = 64 * 1024;
const firstPlaces = 256;

/**
 * The rows of a shard that waits for others, by their place in it: on the disk, in the order in which they came, so
 * that a row takes 16 bytes of memory however long its texts are. The file is this object's own, and worth nothing to a later run.
 */
export class RowSpool {
  readonly #file: string;
  /** See `Spooled`. */
  #spans: Float64Array;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #writtenBytes = 0;

  constructor(file: string, mostRows: number) {
    this.#file = file;
    this.#spans = new Float64Array(2 * Math.min(firstPlaces, mostRows));
    fs.rmSync(file, { force: true });
  }

  /** Throws a `DiskError` where the disk refuses. */
  put(place: number, row: ShardRow): void {
    const bytes = Buffer.from(JSON.stringify(row));
    if (2 * place >= this.#spans.length) this.#grow(place);
    this.#spans[2 * place] = this.#writtenBytes + this.#waitingBytes + 1;
    this.#spans[2 * place + 1] = bytes.length;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes < waitingChars) return;
    try {
      this.#flush();
    } catch (error) {
      // With downloads that have all open files: they wait a little longer.
      if (!isScarce(error)) throw error;
    }
  }

  /** What there is now, all of it on the disk. Throws a `DiskError` where the disk refuses, and may then be asked again. */
  spooled(): Spooled {
    this.#flush();
    return { file: this.#file, bytes: this.#writtenBytes, spans: this.#spans };
  }

  close(): void {
    this.#waiting = [];
    fs.rmSync(this.#file, { force: true });
  }

  #grow(place: number): void {
    const grown = new Float64Array(Math.max(2 * this.#spans.length, 2 * (place + 1)));
    grown.set(this.#spans);
    this.#spans = grown;
  }

  #flush(): void {
    if (this.#waitingBytes === 0) return;
    try {
      // Opened for each: a file that stayed open for every shard that waits would be too many.
      fs.appendFileSync(this.#file, Buffer.concat(this.#waiting));
    } catch (error) {
      throw asRefusal(error, this.#file);
    }
    this.#writtenBytes += this.#waitingBytes;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}
