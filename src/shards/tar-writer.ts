import fs from 'node:fs';
import { DiskError } from '../core/errors.ts';
import { type FileFacts, PartFile } from './part-file.ts';
import { appendStaged, type Staged } from './staged.ts';
import { blockBytes, keyOf, type TarMember, tarEnd, tarHeader, tarMembers, tarPadding } from './tar.ts';

/**
 * A tar that is written member by member; the same members give the same bytes. Members of an `old` tar of ours may be taken
 * over, in its order. Synchronous. Every method throws a `DiskError` where the disk refuses.
 */
export class TarWriter {
  readonly #part: PartFile;
  readonly #old: OldTar | null;

  constructor(file: string, old: string | null) {
    this.#part = new PartFile(file);
    this.#old = old === null ? null : new OldTar(old);
  }

  /** Throws a `DiskError` where the file is not there as it was stored. */
  addFile(name: string, file: Staged): void {
    this.#part.append(tarHeader(name, file.bytes));
    appendStaged(this.#part, file);
    this.#part.append(tarPadding(file.bytes));
  }

  addText(name: string, text: string): void {
    const bytes = Buffer.from(text);
    this.#part.append(tarHeader(name, bytes.length));
    this.#part.append(bytes);
    this.#part.append(tarPadding(bytes.length));
  }

  /** The members of a key as the old tar has them. Throws a `DiskError` where it has none behind those that were copied before. */
  copy(key: string): void {
    this.#old?.copyMembers(key, this.#part);
  }

  finish(sync: boolean): FileFacts {
    this.#part.append(tarEnd(this.#part.size));
    return this.#part.finish(sync);
  }

  close(): void {
    this.#part.close();
    this.#old?.close();
  }
}

/** A tar that is read once, from its beginning to its end. */
class OldTar {
  readonly #path: string;
  #descriptor: number | undefined;
  #members: Generator<TarMember> | undefined;
  #next: TarMember | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  copyMembers(key: string, part: PartFile): void {
    if (this.#members === undefined) {
      this.#descriptor = fs.openSync(this.#path, 'r');
      this.#members = tarMembers(this.#descriptor);
      this.#advance();
    }
    while (this.#next !== undefined && keyOf(this.#next) !== key) this.#advance();
    if (this.#next === undefined) throw this.#damaged(`it has no ${key}`);
    while (this.#next !== undefined && keyOf(this.#next) === key) {
      this.#copy(this.#next, part);
      this.#advance();
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) fs.closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #advance(): void {
    try {
      this.#next = this.#members!.next().value ?? undefined;
    } catch (error) {
      throw this.#damaged((error as Error).message, error);
    }
  }

  /** With its header, and what fills it up. */
  #copy({ offset, bytes }: TarMember, part: PartFile): void {
    const wholeBytes = blockBytes + bytes + tarPadding(bytes).length;
    if (part.appendFrom(this.#descriptor!, offset - blockBytes, wholeBytes) < wholeBytes)
      throw this.#damaged('it is cut off');
  }

  #damaged(what: string, cause?: unknown): DiskError {
    return new DiskError(`${this.#path} is not as it was packed: ${what}`, {
      code: 'disk',
      hint: 'move it and the _stats.json beside it away, and run the same command again: its pictures are fetched anew',
      cause,
    });
  }
}
