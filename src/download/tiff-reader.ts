import type { Body } from './endings.ts';

/** Directories and tables of one file, in all: a picture of a million tiles has 16 MiB of them. */
const maxTableBytes = 64 * 1024 * 1024;
/** More in one directory are rubbish. */
const maxFields = 65_535;

/** Bytes of one value of each type; 0 for a type that does not exist. */
const typeBytes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];
/** SHORT, LONG, IFD, LONG8, IFD8. */
const wholeNumbers = [3, 4, 13, 16, 18];

export interface Field {
  type: number;
  count: number;
  /** Where in the file its values stand. */
  at: number;
}

export interface Directory {
  /** By tag. */
  fields: Map<number, Field>;
  /** Where the next directory begins; 0 behind the last. */
  nextAt: number;
}

/** Reads a TIFF's structure in either byte order, of 32 or (BigTIFF) 64 bits. Null stands for what is not in the file. */
export class TiffReader {
  readonly #body: Body;
  readonly #isLittle: boolean;
  readonly #isBig: boolean;
  #leftBytes = maxTableBytes;
  readonly firstDirectoryAt: number;

  private constructor(body: Body, head: Buffer) {
    this.#body = body;
    this.#isLittle = head[0] === 0x49;
    this.#isBig = this.#number(head, 2, 2) === 43;
    this.firstDirectoryAt = this.#isBig ? this.#number(head, 8, 8) : this.#number(head, 4, 4);
  }

  static async open(body: Body): Promise<TiffReader | null> {
    const head = await body.read(0, 16);
    return head.length < 16 ? null : new TiffReader(body, head);
  }

  /** Null also where a value that belongs to it lies outside of the file. */
  async directory(at: number): Promise<Directory | null> {
    const [countBytes, fieldBytes, placeBytes] = this.#isBig ? [8, 20, 8] : [2, 12, 4];
    const head = await this.#read(at, countBytes);
    const count = head === null ? 0 : this.#number(head, 0, countBytes);
    if (count === 0 || count > maxFields) return null;
    const bytes = await this.#read(at + countBytes, count * fieldBytes + placeBytes);
    if (bytes === null) return null;
    const fields = new Map<number, Field>();
    for (let n = 0; n < count; n += 1) {
      const from = n * fieldBytes;
      const type = this.#number(bytes, from + 2, 2);
      const field = { type, count: this.#number(bytes, from + 4, placeBytes), at: 0 };
      const length = (typeBytes[type] ?? 0) * field.count;
      const valueAt = from + 4 + placeBytes;
      const isInline = length <= placeBytes;
      field.at = isInline ? at + countBytes + valueAt : this.#number(bytes, valueAt, placeBytes);
      if (field.at + length > this.#body.size) return null;
      fields.set(this.#number(bytes, from, 2), field);
    }
    return { fields, nextAt: this.#number(bytes, count * fieldBytes, placeBytes) };
  }

  /** Up to `most` values from number `from` on; none of a type that is no whole number. Null where there are too many. */
  async values(field: Field, from: number, most: number): Promise<number[] | null> {
    const each = wholeNumbers.includes(field.type) ? typeBytes[field.type]! : 0;
    const count = Math.min(field.count - from, most);
    if (each === 0 || count <= 0) return [];
    const bytes = await this.#read(field.at + from * each, count * each);
    return bytes && Array.from({ length: count }, (_, n) => this.#number(bytes, n * each, each));
  }

  /** A read of just that many bytes. */
  async #read(at: number, length: number): Promise<Buffer | null> {
    this.#leftBytes -= length;
    if (at + length > this.#body.size || this.#leftBytes < 0) return null;
    return await this.#body.read(at, length);
  }

  #number(bytes: Buffer, at: number, length: number): number {
    if (length === 8) return Number(this.#isLittle ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
    return this.#isLittle ? bytes.readUIntLE(at, length) : bytes.readUIntBE(at, length);
  }
}
