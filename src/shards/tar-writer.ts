import fs from 'node:fs/promises';
import { DiskError } from '../core/errors.ts';
import { type FileFacts, PartFile } from './part-file.ts';
import { type Staged, stagedPieces } from './staged.ts';
import { blockBytes, keyOf, type TarMember, tarEnd, tarHeader, tarMembers, tarPadding } from './tar.ts';

const pieceBytes = 1024 * 1024;

/**
 * A tar that is written member by member; the same members give the same bytes. Members of an `old` tar of ours may be taken
 * over, in its order.
 */
export class TarWriter {
  readonly #part: PartFile;
  readonly #old: OldTar | null;

  constructor(file: string, old: string | null) {
    this.#part = new PartFile(file);
    this.#old = old === null ? null : new OldTar(old);
  }

  /** Throws a `DiskError` where the file is not there with its size. */
  async addFile(name: string, file: Staged): Promise<void> {
    await this.#append(tarHeader(name, file.bytes));
    for await (const piece of stagedPieces(file)) await this.#append(piece);
    await this.#append(tarPadding(file.bytes));
  }

  async addText(name: string, text: string): Promise<void> {
    const bytes = Buffer.from(text);
    await this.#append(tarHeader(name, bytes.length));
    await this.#append(bytes);
    await this.#append(tarPadding(bytes.length));
  }

  /** The members of a key as the old tar has them. Throws a `DiskError` where it has none behind those that were copied before. */
  async copy(key: string): Promise<void> {
    for await (const piece of this.#old?.membersOf(key) ?? []) await this.#append(piece);
  }

  async finish(sync: boolean): Promise<FileFacts> {
    await this.#append(tarEnd(this.#part.size));
    return await this.#part.finish(sync);
  }

  async close(): Promise<void> {
    this.#part.close();
    await this.#old?.close();
  }

  /** Most of it waits in memory, and there is nothing to wait for. */
  #append(bytes: Buffer): Promise<void> | undefined {
    return this.#part.append(bytes);
  }
}

/** A tar that is read once, from its beginning to its end. */
class OldTar {
  readonly #path: string;
  #file: fs.FileHandle | undefined;
  #members: AsyncGenerator<TarMember> | undefined;
  #next: TarMember | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async *membersOf(key: string): AsyncGenerator<Buffer> {
    if (this.#members === undefined) {
      this.#file = await fs.open(this.#path);
      this.#members = tarMembers(this.#file);
      await this.#advance();
    }
    while (this.#next !== undefined && keyOf(this.#next) !== key) await this.#advance();
    if (this.#next === undefined) throw this.#damaged(`it has no ${key}`);
    while (this.#next !== undefined && keyOf(this.#next) === key) {
      yield* this.#whole(this.#next);
      await this.#advance();
    }
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  async #advance(): Promise<void> {
    try {
      this.#next = (await this.#members!.next()).value ?? undefined;
    } catch (error) {
      throw this.#damaged((error as Error).message, error);
    }
  }

  /** With its header, and what fills it up. */
  async *#whole({ offset, bytes }: TarMember): AsyncGenerator<Buffer> {
    const end = offset + bytes + tarPadding(bytes).length;
    for (let at = offset - blockBytes; at < end; at += pieceBytes) {
      const piece = Buffer.allocUnsafe(Math.min(pieceBytes, end - at));
      const { bytesRead } = await this.#file!.read(piece, 0, piece.length, at);
      if (bytesRead !== piece.length) throw this.#damaged('it is cut off');
      yield piece;
    }
  }

  #damaged(what: string, cause?: unknown): DiskError {
    return new DiskError(`${this.#path} is not as it was packed: ${what}`, {
      code: 'disk',
      hint: 'move it and the _stats.json beside it away, and run the same command again: its pictures are fetched anew',
      cause,
    });
  }
}
