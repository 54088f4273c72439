/** A field of an EXIF block: its number, its type, how many values, and they. */
export interface Field {
  tag: number;
  type: number;
  count: number;
  bytes(isLittle: boolean): Buffer;
}

const numbers = (size: 2 | 4, values: number[]) => (isLittle: boolean) => {
  const bytes = Buffer.alloc(size * values.length);
  values.forEach((value, n) => {
    const unsigned = value < 0 ? value + 2 ** 32 : value;
    if (isLittle) bytes.writeUIntLE(unsigned, n * size, size);
    else bytes.writeUIntBE(unsigned, n * size, size);
  });
  return bytes;
};

export const short = (tag: number, ...values: number[]): Field => ({
  ...{ tag, type: 3, count: values.length, bytes: numbers(2, values) },
});
export const long = (tag: number, ...values: number[]): Field => ({
  ...{ tag, type: 4, count: values.length, bytes: numbers(4, values) },
});
/** Numerators and denominators, in turn; with a sign where one has it. */
export const fractions = (tag: number, ...values: number[]): Field => ({
  ...{ tag, type: values.some((value) => value < 0) ? 10 : 5, count: values.length / 2 },
  bytes: numbers(4, values),
});
export const text = (tag: number, value: string | Buffer, type = 2): Field => {
  const bytes = Buffer.from(value as string, 'latin1');
  return { tag, type, count: bytes.length, bytes: () => bytes };
};
export const raw = (tag: number, value: string | Buffer): Field => text(tag, value, 7);

interface Directories {
  image: Field[];
  photo?: Field[];
  position?: Field[];
  /** Where the directory behind the first is, which has the thumbnail. */
  next?: number;
}

/** A block with up to three directories, the values of each behind it. */
export function exifBlock({ image, photo, position, next = 0 }: Directories, isLittle = false): Buffer {
  const beneath = [
    ...(photo === undefined ? [] : [{ tag: 34_665, fields: photo }]),
    ...(position === undefined ? [] : [{ tag: 34_853, fields: position }]),
  ];
  let end = 8 + sizeOf([...image, ...beneath.map(({ tag }) => long(tag, 0))]);
  const parts: Buffer[] = [];
  const pointers: Field[] = [];
  for (const { tag, fields } of beneath) {
    pointers.push(long(tag, end));
    parts.push(directory(fields, end, 0, isLittle));
    end += parts.at(-1)!.length;
  }
  const head = Buffer.concat([
    Buffer.from(isLittle ? 'II*\0' : 'MM\0*', 'latin1'),
    numbers(4, [8])(isLittle),
  ]);
  return Buffer.concat([head, directory([...image, ...pointers], 8, next, isLittle), ...parts]);
}

const sizeOf = (fields: Field[]): number => directory(fields, 0, 0, false).length;

function directory(fields: Field[], at: number, next: number, isLittle: boolean): Buffer {
  const put = (size: 2 | 4, ...values: number[]) => numbers(size, values)(isLittle);
  let end = at + 2 + fields.length * 12 + 4;
  const behind: Buffer[] = [];
  const entries = fields.map(({ tag, type, count, bytes }) => {
    const value = bytes(isLittle);
    const head = Buffer.concat([put(2, tag, type), put(4, count)]);
    if (value.length <= 4) return Buffer.concat([head, value, Buffer.alloc(4 - value.length)]);
    const padded = Buffer.concat([value, Buffer.alloc(value.length % 2)]);
    behind.push(padded);
    end += padded.length;
    return Buffer.concat([head, put(4, end - padded.length)]);
  });
  return Buffer.concat([put(2, fields.length), ...entries, put(4, next), ...behind]);
}
