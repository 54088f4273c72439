import fs from 'node:fs';
import path from 'node:path';
import { DiskError, isScarce } from '../core/errors.ts';
import { asRefusal } from '../sinks/refusal.ts';
import { syncDirectory } from '../sinks/sync-directory.ts';
import { type ShardLayout, shardsDirectory } from './layout.ts';
import { type FileFacts, PartFile } from './part-file.ts';
import type { ShardFile } from './stats.ts';

/** A picture that was downloaded, and then found to be another's. */
export interface FoundDuplicate {
  /** Of the item. */
  itemKey: string;
  /** The file that it was downloaded to, relative to the destination. It is removed. */
  path: string;
  /** The key of the row that has the picture. */
  duplicateOf: string;
}

/** A shard that is finished now. */
export interface PackedShard {
  shard: number;
  /** Relative to the destination; the statistics are the last. */
  files: ShardFile[];
  rows: number;
  /** Of the rows: that have their picture. */
  pictures: number;
  duplicates: FoundDuplicate[];
}

/** Said of a finished shard, once or, where the run was killed just then, again by the next one. The packer waits for the promise. */
export type TellPacked = (packed: PackedShard) => Promise<void> | void;

const newsFile = 'packed.json';

/**
 * How a shard appears, also where it takes the place of an older one. All its files are written into a folder of their own; the
 * folder's new name says that they are whole; and then they are moved, the statistics last. Killed before the
 * folder has its name, nothing has happened; after it, the next run moves the rest.
 */
export class ShardFolder {
  readonly #dir: string;
  readonly #layout: ShardLayout;
  readonly #shard: number;
  readonly #sync: boolean;

  constructor(dir: string, layout: ShardLayout, shard: number, sync: boolean) {
    this.#dir = dir;
    this.#layout = layout;
    this.#shard = shard;
    this.#sync = sync;
  }

  /** Where the files are written under their final names. */
  get making(): string {
    return this.#folder('making');
  }

  begin(): void {
    this.#refused(() => {
      fs.rmSync(this.making, { recursive: true, force: true });
      fs.mkdirSync(this.making);
    });
  }

  discard(): void {
    fs.rmSync(this.making, { recursive: true, force: true });
  }

  putText(name: string, text: string): FileFacts {
    const part = new PartFile(path.join(this.making, name));
    try {
      part.append(Buffer.from(text));
      return part.finish(this.#sync);
    } finally {
      part.close();
    }
  }

  /** Everything is in the folder: makes it the shard. */
  async commit(packed: PackedShard, tell: TellPacked): Promise<void> {
    this.putText(newsFile, JSON.stringify(packed));
    this.#refused(() => {
      if (this.#sync) syncDirectory(this.making);
      fs.renameSync(this.making, this.#folder('ready'));
      if (this.#sync) syncDirectory(path.join(this.#dir, shardsDirectory));
    });
    await this.#finish(packed, tell);
  }

  /** Its files were whole, and then something came between. */
  get isReady(): boolean {
    return fs.existsSync(path.join(this.#folder('ready'), newsFile));
  }

  /** Moves what is ready into its place, and tells. */
  async goOn(tell: TellPacked): Promise<void> {
    await this.#finish(this.#readNews(path.join(this.#folder('ready'), newsFile)), tell);
  }

  async #finish(packed: PackedShard, tell: TellPacked): Promise<void> {
    const ready = this.#folder('ready');
    this.#refused(() => {
      const stats = this.#layout.statsFile(this.#shard);
      const left = this.#layout.files(this.#shard).filter((name) => fs.existsSync(path.join(ready, name)));
      // They must not speak of files that are not theirs.
      if (left.length > 0) fs.rmSync(path.join(this.#dir, stats), { force: true });
      for (const name of [...left, stats]) {
        if (fs.existsSync(path.join(ready, name)))
          fs.renameSync(path.join(ready, name), path.join(this.#dir, name));
      }
      if (this.#sync) syncDirectory(this.#dir);
    });
    await tell(packed);
    this.#removeStaged(packed);
    fs.rmSync(ready, { recursive: true, force: true });
  }

  /** A directory may have come from elsewhere: nothing is removed that is not a picture of this shard. */
  #readNews(file: string): PackedShard {
    const folder = this.#layout.folder(this.#shard);
    try {
      const packed = JSON.parse(fs.readFileSync(file, 'utf8')) as PackedShard;
      const isOurs = ({ path: name }: FoundDuplicate) =>
        name.startsWith(`${folder}/`) && /^[\w~-][\w~.-]*$/.test(name.slice(folder.length + 1));
      const { shard, files, rows, pictures, duplicates } = packed;
      const isWhole = Array.isArray(files) && Number.isSafeInteger(rows) && Number.isSafeInteger(pictures);
      if (shard !== this.#shard || !isWhole || !duplicates.every(isOurs)) {
        throw new Error('not as it was written');
      }
      return packed;
    } catch (error) {
      if (isScarce(error)) throw error;
      throw new DiskError(`${file} is damaged: ${(error as Error).message}`, {
        code: 'disk',
        hint: `move ${path.dirname(file)} away, and run the same command again: its pictures are fetched anew`,
        cause: error,
      });
    }
  }

  /** The pictures are in the shard now. */
  #removeStaged({ duplicates }: PackedShard): void {
    if (this.#layout.output === 'files') {
      // Beside it there is what `--info` says of it.
      for (const { path: file } of duplicates)
        for (const name of [file, `${file}.json`]) fs.rmSync(path.join(this.#dir, name), { force: true });
      return;
    }
    const staged = path.join(this.#dir, this.#layout.folder(this.#shard));
    fs.rmSync(staged, { recursive: true, force: true });
  }

  #folder(state: 'making' | 'ready'): string {
    return path.join(this.#dir, shardsDirectory, `${this.#layout.name(this.#shard)}.${state}`);
  }

  #refused<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      throw asRefusal(error, path.join(this.#dir, this.#layout.tableFile(this.#shard)));
    }
  }
}
