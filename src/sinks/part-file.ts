import fs from 'node:fs';
import { appear } from './appear.ts';
import { writeNote } from './parts.ts';
import type { Beginning, Stretch } from './sink.ts';

/**
 * The file that a draft is in until it is whole, and the note of what it is the beginning of. Both are made when they are
 * first needed. What the disk says is thrown as it is.
 */
export class PartFile {
  readonly path: string;
  /** Where the note goes; asked for only when there is one. */
  readonly #notePath: () => string;
  #descriptor: number | undefined;
  #isThere: boolean;
  #isNoted: boolean;

  /** `isLeft`: an earlier run left it, with its note. */
  constructor(path: string, notePath: () => string, isLeft: boolean) {
    this.path = path;
    this.#notePath = notePath;
    this.#isThere = this.#isNoted = isLeft;
  }

  /** Whether it is on the disk. */
  get isThere(): boolean {
    return this.#isThere;
  }

  /** Whether a later process can go on with it. */
  get isNoted(): boolean {
    return this.#isNoted;
  }

  /** Of the open file. */
  get descriptor(): number {
    if (this.#descriptor === undefined) {
      this.#descriptor = fs.openSync(this.path, this.#isThere ? 'r+' : 'w+');
      this.#isThere = true;
    }
    return this.#descriptor;
  }

  /** Notes what it is the beginning of, and which bytes of it count; null: as many as it has. */
  note(beginning: Beginning, there: readonly Stretch[] | null): void {
    writeNote(this.#notePath(), this.path, beginning, there);
    this.#isNoted = true;
  }

  /** What was written survives a crash of the machine. */
  sync(): void {
    if (this.#descriptor !== undefined) fs.fsyncSync(this.#descriptor);
  }

  /** A whole small file at once, which is not there yet. */
  write(bytes: Buffer): void {
    const { descriptor } = this;
    for (let at = 0; at < bytes.length; ) at += fs.writeSync(descriptor, bytes, at);
  }

  /** Gives it its final name. Returns false where something stands there that it does not replace; then it stays. */
  appear(target: string, replaces: boolean): boolean {
    // A quota may be found to be used up as late as here.
    this.#close();
    this.#removeNote();
    if (replaces) fs.renameSync(this.path, target);
    else if (!appear(this.path, target)) return false;
    this.#isThere = false;
    return true;
  }

  /** Closes it for a later process, which goes on with it. */
  leave(): void {
    this.#isThere = this.#isNoted = false;
    this.#close();
  }

  remove(): void {
    this.#isThere = false;
    this.#close();
    this.#removeNote();
    fs.rmSync(this.path, { force: true });
  }

  #close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }

  /** Before the file becomes anything else than the beginning that the note speaks of. */
  #removeNote(): void {
    if (this.#isNoted) fs.rmSync(this.#notePath(), { force: true });
    this.#isNoted = false;
  }
}
