/** Bytes of a value by its type (TIFF 6.0, section 2); 0 for no type. */
const typeBytes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];
const [short, long] = [3, 4];
/** Fields whose values are places in the file: of strips, and of tiles. */
const placeFields: ReadonlySet<number> = new Set([273, 324]);
const entryBytes = 12;

/**
 * One TIFF whose pages are the first pages of others, as the library writes them: little-endian, with numbers of 32
 * bits, and one level of directories.
 */
export function joinTiff(files: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [];
  let end = 0;
  /** At an even place, which is returned. */
  const append = (bytes: Buffer): number => {
    const at = end;
    parts.push(bytes, Buffer.alloc(bytes.length % 2));
    end += bytes.length + (bytes.length % 2);
    return at;
  };
  // Where it is said where the next directory is: first in the file's header.
  let linkAt = 4;
  const links: { at: number; to: number }[] = [];
  for (const file of files) {
    const base = append(file);
    const directory = directoryOf(file);
    for (let entry = 2; entry + entryBytes < directory.length; entry += entryBytes) {
      moveEntry(directory.subarray(entry, entry + entryBytes), file, base, append);
    }
    const to = append(directory);
    links.push({ at: linkAt, to });
    linkAt = to + directory.length - 4;
  }
  const joined = Buffer.concat(parts);
  for (const { at, to } of links) joined.writeUInt32LE(to, at);
  return joined;
}

/** A copy of the first: a count, so many entries, and no next one. */
function directoryOf(file: Buffer): Buffer {
  const at = file.readUInt32LE(4);
  const directory = Buffer.alloc(2 + file.readUInt16LE(at) * entryBytes + 4);
  file.copy(directory, 0, at, at + directory.length - 4);
  return directory;
}

/** An entry of `file`, which stands at `base` now: tag, type, count, and its values or, of more than 4 bytes, their place. */
function moveEntry(entry: Buffer, file: Buffer, base: number, append: (bytes: Buffer) => number): void {
  const [tag, type, count] = [entry.readUInt16LE(0), entry.readUInt16LE(2), entry.readUInt32LE(4)];
  const isElsewhere = typeBytes[type]! * count > 4;
  const place = entry.readUInt32LE(8);
  if (!placeFields.has(tag)) {
    if (isElsewhere) entry.writeUInt32LE(place + base, 8);
    return;
  }
  // What took 16 bits before may need more now.
  const moved = Buffer.alloc(count * typeBytes[long]!);
  const [values, at] = isElsewhere ? [file, place] : [entry, 8];
  for (let n = 0; n < count; n += 1) {
    const value = type === short ? values.readUInt16LE(at + n * 2) : values.readUInt32LE(at + n * 4);
    moved.writeUInt32LE(value + base, n * 4);
  }
  entry.writeUInt16LE(long, 2);
  entry.writeUInt32LE(count === 1 ? moved.readUInt32LE(0) : append(moved), 8);
}
