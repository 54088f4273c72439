import fs from 'node:fs';
import { asRefusal } from '../sinks/refusal.ts';
import type { ShardRow } from './row.ts';

/** So much waits in memory before it is written. */
const waitingChars = 64 * 1024;
/** Of the file, read together: rows that settled about when others did lie near them. */
const windowBytes = 256 * 1024;
const firstPlaces = 256;

/**
 * The rows of a shard that waits for others, by their place in it: on the disk, in the order in which they came, so
 * that a row takes 16 bytes of memory however long its texts are. The file is this object's own, and worth nothing to a later run.
 */
export class RowSpool {
  readonly #file: string;
  /** For each place: where its row begins, plus 1, and its bytes. 0 where there is none. */
  #spans: Float64Array;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #writtenBytes = 0;
  #window = Buffer.alloc(0);
  #windowStart = 0;
  #size = 0;

  constructor(file: string, mostRows: number) {
    this.#file = file;
    this.#spans = new Float64Array(2 * Math.min(firstPlaces, mostRows));
    fs.rmSync(file, { force: true });
  }

  /** How many rows there are. */
  get size(): number {
    return this.#size;
  }

  has(place: number): boolean {
    return (this.#spans[2 * place] ?? 0) !== 0;
  }

  /** Throws a `DiskError` where the disk refuses. */
  put(place: number, row: ShardRow): void {
    const bytes = Buffer.from(JSON.stringify(row));
    if (2 * place >= this.#spans.length) this.#grow(place);
    if (!this.has(place)) this.#size += 1;
    this.#spans[2 * place] = this.#writtenBytes + this.#waitingBytes + 1;
    this.#spans[2 * place + 1] = bytes.length;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes >= waitingChars) this.#flush();
  }

  /** Throws a `DiskError` where the disk refuses. */
  get(place: number): ShardRow | null {
    if (!this.has(place)) return null;
    this.#flush();
    const start = this.#spans[2 * place]! - 1;
    const length = this.#spans[2 * place + 1]!;
    const at = start - this.#windowStart;
    if (at < 0 || at + length > this.#window.length) this.#read(start, Math.max(length, windowBytes));
    const from = start - this.#windowStart;
    return JSON.parse(this.#window.toString('utf8', from, from + length)) as ShardRow;
  }

  close(): void {
    this.#window = Buffer.alloc(0);
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

  #read(start: number, length: number): void {
    try {
      const descriptor = fs.openSync(this.#file, 'r');
      try {
        const window = Buffer.alloc(Math.min(length, this.#writtenBytes - start));
        const bytes = fs.readSync(descriptor, window, 0, window.length, start);
        this.#window = window.subarray(0, bytes);
        this.#windowStart = start;
      } finally {
        fs.closeSync(descriptor);
      }
    } catch (error) {
      throw asRefusal(error, this.#file);
    }
  }
}
