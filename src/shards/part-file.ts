import { createHash, type Hash } from 'node:crypto';
import fs from 'node:fs';
import { asRefusal } from '../sinks/refusal.ts';

/** Hashed and written in pieces of so many bytes: members of a tar are small, and each step has its price. */
const pieceBytes = 1024 * 1024;

export interface FileFacts {
  bytes: number;
  /** Lower-case hex. */
  sha256: string;
}

/**
 * A new file that is written from its beginning to its end, and hashed on the way. Synchronous. Every method throws a `DiskError`
 * where the disk refuses.
 */
export class PartFile {
  readonly #file: string;
  readonly #descriptor: number;
  readonly #hash = createHash('sha256');
  readonly #piece = Buffer.allocUnsafeSlow(pieceBytes);
  #waitingBytes = 0;
  #written = 0;
  #isOpen = true;

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

  append(bytes: Uint8Array): void {
    if (bytes.length > pieceBytes - this.#waitingBytes) this.#flush();
    if (bytes.length >= pieceBytes) this.#write(bytes);
    else {
      this.#piece.set(bytes, this.#waitingBytes);
      this.#waitingBytes += bytes.length;
    }
  }

  /**
   * So many bytes of an open file, from `position` on, without a copy of them between; `digest` gets them, too. Returns how
   * many there were, and throws what reading throws as it is.
   */
  appendFrom(descriptor: number, position: number, bytes: number, digest?: Hash): number {
    let at = 0;
    while (at < bytes) {
      if (this.#waitingBytes === pieceBytes) this.#flush();
      const free = this.#piece.subarray(this.#waitingBytes);
      const read = fs.readSync(descriptor, free, 0, Math.min(free.length, bytes - at), position + at);
      if (read === 0) break;
      digest?.update(free.subarray(0, read));
      at += read;
      this.#waitingBytes += read;
    }
    return at;
  }

  finish(sync: boolean): FileFacts {
    this.#flush();
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

  #flush(): void {
    const waiting = this.#piece.subarray(0, this.#waitingBytes);
    this.#waitingBytes = 0;
    this.#write(waiting);
  }

  #write(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    try {
      // A disk that is nearly full, or a signal, may cut a write short without an error.
      for (let at = 0; at < bytes.length; )
        at += fs.writeSync(this.#descriptor, bytes, at, bytes.length - at, this.#written + at);
    } catch (error) {
      throw asRefusal(error, this.#file);
    }
    this.#written += bytes.length;
  }
}
