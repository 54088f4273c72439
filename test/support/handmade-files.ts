/** Small whole files of formats that no library at hand writes, byte by byte, as programs in use write them. */

/** What a format's end is looked for in. */
export const bodyOf = (bytes: Buffer) => ({
  size: bytes.length,
  read: async (offset: number, length: number) => bytes.subarray(offset, offset + length),
});

export const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** A box of ISO media (ISO/IEC 14496-12, 4.2). */
export function box(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, content]);
}

/** The box with which such a file begins. */
export const brand = (name: string): Buffer => box('ftyp', Buffer.from(`${name}\0\0\0\0${name}`, 'latin1'));

const le = (bytes: number, value: number): Buffer => {
  const buffer = Buffer.alloc(bytes);
  if (bytes === 8) buffer.writeBigInt64LE(BigInt(value));
  else buffer.writeIntLE(value | 0, 0, bytes);
  return buffer;
};

const data = (bytes: number): Buffer =>
  Buffer.from(Array.from({ length: bytes }, (_, i) => (i * i * 31) >> 5));

interface BmpOptions {
  width?: number;
  /** Negative where the rows stand from top to bottom. */
  height?: number;
  bits?: number;
  /** 1: run lengths, 3: masks of colours. */
  compression?: number;
  /** What the file says of its own size; otherwise the truth. */
  statedBytes?: number;
  /** A header of version 5 with a colour profile of so many bytes. */
  profileBytes?: number;
}

export function bmp(options: BmpOptions = {}): Buffer {
  const { width = 33, height = 20, bits = 24, compression = 0, profileBytes = 0 } = options;
  const headerBytes = profileBytes > 0 ? 124 : 40;
  const palette = Buffer.alloc(bits <= 8 ? 4 * 2 ** bits : 0);
  const pixels = data(compression === 1 ? 300 : Math.ceil((width * bits) / 32) * 4 * Math.abs(height));
  const dataAt = 14 + headerBytes + palette.length;
  const size = dataAt + pixels.length + profileBytes;
  const header = Buffer.alloc(headerBytes);
  Buffer.concat([
    ...[le(4, headerBytes), le(4, width), le(4, height), le(2, 1), le(2, bits), le(4, compression)],
    le(4, pixels.length),
  ]).copy(header);
  if (profileBytes > 0) {
    header.write('DEBM', 56, 'latin1');
    header.writeUInt32LE(dataAt + pixels.length - 14, 112);
    header.writeUInt32LE(profileBytes, 116);
  }
  const fileHeader = [Buffer.from('BM'), le(4, options.statedBytes ?? size), le(4, 0), le(4, dataAt)];
  return Buffer.concat([...fileHeader, header, palette, pixels, data(profileBytes)]);
}

/** With the header of OS/2 1.x, of twelve bytes. */
export function oldestBmp(): Buffer {
  const pixels = data(8 * 20);
  const header = [le(4, 12), le(2, 50), le(2, 20), le(2, 1), le(2, 1)];
  const fileHeader = [Buffer.from('BM'), le(4, 32 + pixels.length), le(4, 0), le(4, 32)];
  return Buffer.concat([...fileHeader, ...header, Buffer.alloc(6), pixels]);
}

/** Icons whose pictures are `pictures`, PNGs for example; the directory names the last one first. */
export function ico(pictures: readonly Buffer[]): Buffer {
  let at = 6 + 16 * pictures.length;
  const entries = pictures.map((picture) => {
    const entry = Buffer.concat([Buffer.from([16, 16, 0, 0, 1, 0, 32, 0]), le(4, picture.length), le(4, at)]);
    at += picture.length;
    return entry;
  });
  return Buffer.concat([Buffer.from([0, 0, 1, 0, pictures.length, 0]), ...entries.reverse(), ...pictures]);
}

/** An EBML element with a size of `sizeBytes` bytes; `bytes` is null where the size is left unknown. */
export function element(id: string, content: Buffer, sizeBytes = 8, bytes: number | null = content.length) {
  const size = Buffer.alloc(8, 0xff);
  if (bytes !== null) size.writeBigUInt64BE(BigInt(bytes));
  const digits = size.subarray(8 - sizeBytes);
  const marker = 0x80 >> (sizeBytes - 1);
  digits[0] = bytes === null ? 2 * marker - 1 : digits[0]! | marker;
  return Buffer.concat([Buffer.from(id, 'hex'), digits, content]);
}

export const ebmlHead = (type: 'webm' | 'matroska'): Buffer =>
  element(
    '1a45dfa3',
    Buffer.concat([
      element('4286', le(1, 1), 1),
      element('4282', Buffer.from(type), 1),
      element('4287', le(1, 2), 1),
    ]),
    1,
  );

/** A video of one cluster. `sizeBytes` null: a live recording, whose segment and cluster have no size. */
export function webm(type: 'webm' | 'matroska' = 'webm', sizeBytes: number | null = 8): Buffer {
  const block = element('a3', data(3000), 4);
  const size = sizeBytes === null ? null : undefined;
  const cluster = element('1f43b675', Buffer.concat([element('e7', le(1, 0), 1), block]), 8, size);
  const content = Buffer.concat([
    element('1549a966', data(40), 1),
    element('1654ae6b', data(90), 2),
    cluster,
  ]);
  return Buffer.concat([ebmlHead(type), element('18538067', content, sizeBytes ?? 8, size)]);
}

interface TiffOptions {
  /** Intel's byte order; otherwise Motorola's. */
  isLittle?: boolean;
  /** Numbers of 64 bits: BigTIFF. */
  isBig?: boolean;
  /** Directories stand before what they describe; otherwise behind it. */
  directoryFirst?: boolean;
  pages?: number;
  /** What the tables say of the sizes of strips; otherwise the truth. */
  stripBytes?: number;
  strips?: number;
  /** 1: none. */
  compression?: number;
}

/** Grey pages of 40 x 30 pixels. */
export function tiff(options: TiffOptions = {}): Buffer {
  const { isLittle = true, isBig = false, directoryFirst = false } = options;
  const { pages = 1, strips = 3, compression = 1, stripBytes = 1200 / strips } = options;
  const number = (bytes: number, value: number) => {
    const written = le(bytes, value);
    return isLittle ? written : written.reverse();
  };
  const wide = isBig ? 8 : 4;
  const head = isBig
    ? [number(2, 43), number(2, 8), number(2, 0), number(8, 0)]
    : [number(2, 42), number(4, 0)];
  let file = Buffer.concat([Buffer.from(isLittle ? 'II' : 'MM'), ...head]);
  let linkAt = file.length - wide;
  const link = (at: number) => number(wide, at).copy(file, linkAt);
  for (let page = 0; page < pages; page += 1) {
    const pixels = data(1200);
    const tableBytes = strips === 1 ? 0 : 2 * strips * wide;
    const directoryBytes = (isBig ? 8 : 2) + 8 * (isBig ? 20 : 12) + wide;
    const directoryAt = file.length + (directoryFirst ? 0 : pixels.length + tableBytes);
    const pixelsAt = directoryFirst ? file.length + directoryBytes + tableBytes : file.length;
    const tablesAt = directoryFirst ? file.length + directoryBytes : file.length + pixels.length;
    const starts = Array.from({ length: strips }, (_, n) => pixelsAt + (n * pixels.length) / strips);
    const table = (values: number[]) => values.map((value) => number(wide, value));
    const field = (tag: number, type: number, count: number, value: Buffer) => {
      const inline = Buffer.alloc(wide);
      value.copy(inline);
      return Buffer.concat([number(2, tag), number(2, type), number(wide, count), inline]);
    };
    const long = isBig ? 16 : 4;
    const first = (values: number[], at: number) => number(wide, strips === 1 ? values[0]! : at);
    const sizes = starts.map(() => stripBytes);
    const directory = Buffer.concat([
      number(isBig ? 8 : 2, 8),
      field(256, 3, 1, number(2, 40)),
      field(257, 3, 1, number(2, 30)),
      field(258, 3, 1, number(2, 8)),
      field(259, 3, 1, number(2, compression)),
      field(262, 3, 1, number(2, 1)),
      field(273, long, strips, first(starts, tablesAt)),
      field(278, 3, 1, number(2, 30 / strips)),
      field(279, long, strips, first(sizes, tablesAt + strips * wide)),
      number(wide, 0),
    ]);
    link(directoryAt);
    linkAt = directoryAt + directory.length - wide;
    const tables = strips === 1 ? [] : [...table(starts), ...table(sizes)];
    file = Buffer.concat([
      file,
      ...(directoryFirst ? [directory, ...tables, pixels] : [pixels, ...tables, directory]),
    ]);
  }
  return file;
}
