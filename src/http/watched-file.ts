import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

/**
 * A file of the system's configuration that others may change at any time, and in which cases mean nothing. What lies
 * beyond `maxBytes` is not read; what is not there, cannot be read or is no regular file counts as empty.
 */
export class WatchedFile {
  readonly #path: string;
  readonly #maxBytes: number;
  #version = '';
  #text = '';

  constructor(path: string, maxBytes: number) {
    this.#path = path;
    this.#maxBytes = maxBytes;
  }

  /** As it is now, in lower case; read again only where its time of change, size or inode says so. */
  get text(): string {
    const version = this.#versionNow();
    if (version !== this.#version) {
      this.#version = version;
      this.#text = version === '' ? '' : this.#read().toLowerCase();
    }
    return this.#text;
  }

  #versionNow(): string {
    try {
      const stats = statSync(this.#path);
      return stats.isFile() ? `${stats.ino} ${stats.size} ${stats.mtimeMs}` : '';
    } catch {
      return '';
    }
  }

  #read(): string {
    try {
      const file = openSync(this.#path, 'r');
      try {
        const bytes = Buffer.alloc(Math.min(this.#maxBytes, fstatSync(file).size));
        return bytes.toString('latin1', 0, readSync(file, bytes));
      } finally {
        closeSync(file);
      }
    } catch {
      return '';
    }
  }
}
