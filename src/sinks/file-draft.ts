import fs from 'node:fs';
import path from 'node:path';
import { FileStretches } from './file-stretches.ts';
import { PartFile } from './part-file.ts';
import type { LeftPart } from './parts.ts';
import { asRefusal } from './refusal.ts';
import { hasSameBytes } from './same-bytes.ts';
import { type Beginning, type Draft, type Section, type Stretch, UnsafePathError } from './sink.ts';
import { syncDirectory } from './sync-directory.ts';
import { writeFully } from './write-fully.ts';

/**
 * Below this size a file is held in memory and written by one synchronous open, write, close and
 * link, which costs less than the same four steps through the thread pool.
 */
const smallBytes = 256 * 1024;
/** Bodies above it are written in pieces of about this size. */
const pieceBytes = 1024 * 1024;
/** Of a file with more than this on the disk it is noted what it is the beginning of. */
const noteFromBytes = 1024 * 1024;

/** What a draft needs of the directory that it is for. */
export interface DraftHome {
  readonly fsync: boolean;
  /** The absolute path for a relative one, its directory made. */
  resolve(relative: string): string;
  /** Runs what touches the disk; a refusal of the disk becomes a `DiskError`. */
  refused<T>(file: string, step: () => T): T;
}

export class FileDraft implements Draft {
  size = 0;
  beginning: Beginning | null = null;
  readonly #home: DraftHome;
  readonly #file: PartFile;
  #chunks: Buffer[] = [];
  #chunkBytes = 0;
  /** Of its file: where the next piece goes. */
  #writtenBytes = 0;
  /** Behind `size`; null as long as its file never had any: then it has no holes. */
  #stretches: FileStretches | null = null;
  /** The write under way; pieces are written one after the other. */
  #writing: Promise<void> | undefined;

  constructor(home: DraftHome, temporary: string, note: () => string, left: LeftPart | null) {
    this.#home = home;
    this.#file = new PartFile(temporary, note, left !== null);
    if (left === null) return;
    this.beginning = left.beginning;
    this.size = this.#writtenBytes = left.bytes;
    if (left.ahead === null) return;
    this.#stretches = this.#stretchesOf(left.ahead);
    this.size = this.#writtenBytes = this.#stretches.absorb(this.size);
  }

  get ahead(): readonly Stretch[] {
    return this.#stretches?.all ?? [];
  }

  append(chunk: Buffer): Promise<void> | undefined {
    this.#chunks.push(chunk);
    this.#chunkBytes += chunk.length;
    this.size += chunk.length;
    if (this.#chunkBytes < (this.#writing === undefined ? smallBytes : pieceBytes)) return undefined;
    // One piece may be on its way to the disk while the next one is read; then the reader waits.
    const before = this.#writing;
    this.#write();
    return before;
  }

  section(from: number): Section {
    this.#stretches ??= this.#stretchesOf([]);
    return this.#stretches.add(from);
  }

  #stretchesOf(left: readonly Stretch[]): FileStretches {
    const file = {
      descriptor: () => this.#file.descriptor,
      note: (ahead: readonly Stretch[]) => {
        if (this.beginning === null) return;
        const there = [{ from: 0, to: this.#writtenBytes }, ...ahead];
        this.#file.note(this.beginning, there);
      },
      refusal: (error: unknown) => asRefusal(error, this.#file.path),
    };
    return new FileStretches(file, left);
  }

  async join(): Promise<void> {
    await this.#flush();
    await this.#stretches?.flush();
    if (this.#stretches !== null) this.size = this.#writtenBytes = this.#stretches.absorb(this.size);
  }

  forgetAhead(): void {
    this.#stretches?.forget();
  }

  restart(): void {
    this.#chunks = [];
    this.#chunkBytes = this.size = 0;
    this.beginning = null;
    this.#stretches = null;
    if (this.#writing === undefined && !this.#file.isThere) return;
    const clearing = this.#clear(this.#writing);
    this.#writing = clearing;
    clearing.then(
      () => {
        if (this.#writing === clearing) this.#writing = undefined;
      },
      // Whoever waits for it sees the error.
      () => {},
    );
  }

  async #clear(before: Promise<void> | undefined): Promise<void> {
    // A piece that could not be written counts no more; where the disk refused it, it will refuse again.
    await before?.catch(() => {});
    this.#removeFile();
    this.#writtenBytes = 0;
  }

  read(offset: number, length: number): Buffer | Promise<Buffer> {
    return this.#isInMemory
      ? this.#inMemory().subarray(offset, offset + length)
      : this.#readFile(offset, length);
  }

  whole(): Buffer | Promise<string> {
    return this.#isInMemory ? this.#inMemory() : this.#flush().then(() => this.#file.path);
  }

  /** Nothing of it is on the disk, nor on its way there. */
  get #isInMemory(): boolean {
    return this.#writing === undefined && !this.#file.isThere;
  }

  /** The chunks as one. */
  #inMemory(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!;
  }

  async #readFile(offset: number, length: number): Promise<Buffer> {
    await this.#flush();
    if (this.#writtenBytes === 0) return this.#inMemory().subarray(offset, offset + length);
    const buffer = Buffer.alloc(Math.max(0, Math.min(length, this.size - offset)));
    const read = fs.readSync(this.#file.descriptor, buffer, 0, buffer.length, offset);
    return buffer.subarray(0, read);
  }

  async commit(places: Iterable<string>, ownedPath: string | null): Promise<string> {
    if (!this.#isInMemory) await this.#flush();
    let last = '';
    for (const place of places) {
      last = place;
      const target = this.#home.resolve(place);
      const isOwned = place === ownedPath;
      const there = isOwned ? this.#look(place, target) : undefined;
      if (this.#home.refused(target, () => this.#appear(target, isOwned && there !== undefined))) {
        return place;
      }
      if (!(await this.#isSame(this.#look(place, target), target))) continue;
      await this.discard();
      return place;
    }
    throw new UnsafePathError(last, 'another file stands where the file should be');
  }

  /** The file under that path; an `UnsafePathError` where something else stands there. */
  #look(place: string, target: string): fs.Stats | undefined {
    const there = this.#home.refused(target, () => fs.lstatSync(target, { throwIfNoEntry: false }));
    if (there === undefined || there.isFile()) return there;
    const what = there.isDirectory() ? 'a directory' : there.isSymbolicLink() ? 'a link' : 'a device';
    throw new UnsafePathError(place, `${what} stands where the file should be`);
  }

  async leave(): Promise<void> {
    try {
      await this.join();
      if (this.#file.isThere) this.#stretches?.note();
    } catch {
      // The disk refused it: then there is nothing to leave.
      this.beginning = null;
    }
    if (this.beginning === null || !this.#file.isNoted) return await this.discard();
    this.#home.refused(this.#file.path, () => this.#file.leave());
  }

  async discard(): Promise<void> {
    await this.#writing?.catch(() => {});
    this.#chunks = [];
    this.#removeFile();
  }

  #removeFile(): void {
    if (this.#file.isThere) this.#home.refused(this.#file.path, () => this.#file.remove());
  }

  /** Small files stay in memory; of a larger one everything is in the file afterwards. */
  async #flush(): Promise<void> {
    if (!this.#isInMemory && this.#chunkBytes > 0) this.#write();
    await this.#writing;
  }

  #write(): void {
    this.#writing = this.#writePiece(this.#writing, this.beginning);
    // Whoever waits for it sees the error; nobody may be waiting yet.
    this.#writing.catch(() => {});
  }

  async #writePiece(before: Promise<void> | undefined, beginning: Beginning | null): Promise<void> {
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#chunkBytes = 0;
    await before;
    try {
      const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      await writeFully(this.#file.descriptor, chunks, this.#writtenBytes);
      this.#writtenBytes += bytes;
      if (this.#stretches !== null) this.#stretches.wrote(bytes);
      else if (beginning !== null && !this.#file.isNoted && this.#writtenBytes > noteFromBytes) {
        this.#file.note(beginning, null);
      }
    } catch (error) {
      throw asRefusal(error, this.#file.path);
    }
  }

  /** Returns false, and changes nothing, where something stands there that is not to be replaced. */
  #appear(target: string, replaces: boolean): boolean {
    if (!this.#file.isThere) this.#file.write(this.#inMemory());
    if (this.#home.fsync) this.#file.sync();
    if (!this.#file.appear(target, replaces)) return false;
    if (this.#home.fsync) syncDirectory(path.dirname(target));
    return true;
  }

  /** Whether the file that stands in the way has the very same bytes. */
  async #isSame(there: fs.Stats | undefined, file: string): Promise<boolean> {
    if (there?.size !== this.size) return false;
    const descriptor = this.#home.refused(file, () => fs.openSync(file, 'r'));
    try {
      return await hasSameBytes(descriptor, this.size, (offset, length) => this.read(offset, length));
    } finally {
      fs.closeSync(descriptor);
    }
  }
}
