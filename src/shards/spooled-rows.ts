import fs from 'node:fs';
import { asRefusal } from '../sinks/refusal.ts';
import type { ShardRow } from './row.ts';

/** Of the file, read together: rows that settled about when others did lie near them. */
const windowBytes = 256 * 1024;

/** Where a `RowSpool` has its rows: plain data, that goes to another thread. */
export interface Spooled {
  file: string;
  bytes: number;
  /** For each place: where its row begins, plus 1, and its bytes. 0 where there is none. */
  spans: Float64Array;
}

/** Reads the rows of a spool that nothing is added to any more. */
export class SpooledRows {
  readonly #spooled: Spooled;
  #window = Buffer.alloc(0);
  #windowStart = 0;

  constructor(spooled: Spooled) {
    this.#spooled = spooled;
  }

  has(place: number): boolean {
    return (this.#spooled.spans[2 * place] ?? 0) !== 0;
  }

  /** Throws a `DiskError` where the disk refuses. */
  get(place: number): ShardRow | null {
    if (!this.has(place)) return null;
    const start = this.#spooled.spans[2 * place]! - 1;
    const length = this.#spooled.spans[2 * place + 1]!;
    const at = start - this.#windowStart;
    if (at < 0 || at + length > this.#window.length) this.#read(start, Math.max(length, windowBytes));
    const from = start - this.#windowStart;
    return JSON.parse(this.#window.toString('utf8', from, from + length)) as ShardRow;
  }

  #read(start: number, length: number): void {
    const { file, bytes } = this.#spooled;
    try {
      const descriptor = fs.openSync(file, 'r');
      try {
        const window = Buffer.alloc(Math.min(length, bytes - start));
        const read = fs.readSync(descriptor, window, 0, window.length, start);
        this.#window = window.subarray(0, read);
        this.#windowStart = start;
      } finally {
        fs.closeSync(descriptor);
      }
    } catch (error) {
      throw asRefusal(error, file);
    }
  }
}
