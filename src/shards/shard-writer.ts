import fs from 'node:fs';
import path from 'node:path';
import type { Json } from '../core/json.ts';
import { asRefusal } from '../sinks/refusal.ts';
import { bytesColumn, inputColumn, ownColumn } from './columns.ts';
import type { ShardLayout } from './layout.ts';
import { imageColumn, type RowMaker, type RowValues, rowTexts, type ShardRow } from './row.ts';
import type { PackSpec } from './settings.ts';
import { type Staged, stagedBytes } from './staged.ts';
import type { ShardFile } from './stats.ts';
import type { PackedRow } from './table-reader.ts';
import { TableWriter } from './table-writer.ts';
import { TarWriter } from './tar-writer.ts';

export interface ShardPlace {
  spec: PackSpec;
  layout: ShardLayout;
  shard: number;
  /** The folder that the new files are written into. */
  making: string;
  /** The shard's tar as it is, where it has one to take pictures out of. */
  oldTar: string | null;
}

/** The files of one shard, written row by row in the order of their places. */
export class ShardWriter {
  readonly #place: ShardPlace;
  readonly #table: TableWriter;
  readonly #tar: TarWriter | null;

  constructor(place: ShardPlace, maker: RowMaker) {
    this.#place = place;
    const { layout, spec, shard, making } = place;
    const input = Array.from(maker.inputColumns, ([name, type]) => inputColumn(name, type));
    const written = [...input, ...maker.columns.map(ownColumn)];
    if (layout.output === 'parquet') written.push(bytesColumn(imageColumn(spec)));
    this.#table = new TableWriter(path.join(making, layout.tableFile(shard)), written);
    const tar = layout.output === 'webdataset' ? path.join(making, `${layout.name(shard)}.tar`) : null;
    this.#tar = tar === null ? null : new TarWriter(tar, place.oldTar);
  }

  /** Its picture is there with the size that the row says, and its digest. Throws a `DiskError` where it is not. */
  async writeNew({ values, file, fileSha256 }: Omit<ShardRow, 'itemKey'>): Promise<void> {
    const { layout, spec } = this.#place;
    const row: Record<string, Json | Uint8Array> = { ...values };
    if (file !== null) {
      const picture = {
        path: path.join(spec.dir, file),
        bytes: Number(values.bytes),
        sha256: String(fileSha256),
      };
      if (layout.output === 'parquet') row[imageColumn(spec)] = stagedBytes(picture);
      else if (this.#tar !== null) this.#addMembers(this.#tar, values, picture);
      else this.#putBeside(values);
    }
    await this.#table.write(row);
  }

  /** A row that the shard has already, with what belongs to it. */
  async writePacked({ values, image }: PackedRow): Promise<void> {
    if (values.status === 'success') this.#tar?.copy(values.key);
    await this.#table.write(image === null ? values : { ...values, [imageColumn(this.#place.spec)]: image });
  }

  /** The files, in the order in which they are to appear. */
  async finish(): Promise<ShardFile[]> {
    const { layout, shard, spec } = this.#place;
    const files: ShardFile[] = [];
    if (this.#tar !== null) {
      files.push({ path: `${layout.name(shard)}.tar`, ...this.#tar.finish(spec.fsync) });
    }
    files.push({ path: layout.tableFile(shard), ...(await this.#table.finish(spec.fsync)) });
    return files;
  }

  close(): void {
    this.#table.close();
    this.#tar?.close();
  }

  #addMembers(tar: TarWriter, values: RowValues, picture: Staged): void {
    const name = path.basename(picture.path);
    tar.addFile(values.key + name.slice(name.indexOf('.')), picture);
    for (const [suffix, text] of this.#texts(values)) tar.addText(values.key + suffix, text);
  }

  /** Into the folder of the pictures, each whole under its name. What is there already says the same. */
  #putBeside(values: RowValues): void {
    const { layout, shard, spec, making } = this.#place;
    for (const [suffix, text] of this.#texts(values)) {
      const file = path.join(spec.dir, layout.folder(shard), values.key + suffix);
      const part = path.join(making, 'text.part');
      try {
        fs.writeFileSync(part, text);
        fs.renameSync(part, file);
      } catch (error) {
        throw asRefusal(error, file);
      }
    }
  }

  #texts(values: RowValues): [suffix: string, text: string][] {
    return rowTexts(values, this.#place.spec);
  }
}
