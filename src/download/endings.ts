/** A whole body that can be looked at anywhere, in memory or on the disk. */
export interface Body {
  readonly size: number;
  /** Fewer bytes than `length` at the end. */
  read(offset: number, length: number): Buffer | Promise<Buffer>;
}

const scanBytes = 64 * 1024;
/** As much as the headers of most pictures have. */
const aheadBytes = 1024;
/** Segments, chunks, blocks, boxes: a file with more of them was made to be slow to walk. */
export const maxParts = 100_000;

/** Padding after an end marker is common and harmless. */
function withoutPadding(tail: Buffer): Buffer {
  let end = tail.length;
  while (end > 0 && [0x00, 0x0a, 0x0d, 0x20].includes(tail[end - 1]!)) end -= 1;
  return tail.subarray(0, end);
}

async function tailOf(body: Body, length: number): Promise<Buffer> {
  return await body.read(Math.max(0, body.size - length), length);
}

/**
 * JPEG (ITU T.81): segments, scans, EOI. A picture whose last bytes are EOI is walked to its first scan
 * only: in metadata a thumbnail's EOI may stand, inside a scan none can.
 */
export async function endsWithJpeg(body: Body): Promise<boolean> {
  const tail = withoutPadding(await tailOf(body, 64));
  const endsInEoi = tail.at(-2) === 0xff && tail.at(-1) === 0xd9;
  let at = 2;
  let aheadAt = at;
  let ahead = await body.read(at, aheadBytes);
  for (let part = 0; part < maxParts && at + 4 <= body.size; part += 1) {
    if (at + 4 > aheadAt + ahead.length) {
      ahead = await body.read(at, aheadBytes);
      aheadAt = at;
    }
    const marker = ahead[at - aheadAt + 1]!;
    // Decoders skip rubbish between segments.
    if (ahead[at - aheadAt] !== 0xff) return endsInEoi;
    if (marker === 0xff) at += 1;
    else if (marker === 0xd9) return true;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) at += 2;
    else {
      at += 2 + ahead.readUInt16BE(at - aheadAt + 2);
      if (marker !== 0xda) continue;
      if (endsInEoi) return at <= body.size;
      at = await endOfScan(body, at);
    }
  }
  // EOI alone at the very end has no room for a length behind it.
  const last = await body.read(at, 2);
  return last[0] === 0xff && last[1] === 0xd9;
}

/** Where the entropy-coded data from `at` ends: at the first marker that is neither stuffing nor RSTn. */
async function endOfScan(body: Body, at: number): Promise<number> {
  let offset = at;
  while (offset < body.size) {
    const piece = await body.read(offset, scanBytes);
    let found = piece.indexOf(0xff);
    while (found !== -1 && found + 1 < piece.length) {
      const next = piece[found + 1]!;
      if (next !== 0x00 && !(next >= 0xd0 && next <= 0xd7)) return offset + found;
      found = piece.indexOf(0xff, found + 2);
    }
    // A marker may be cut in two between pieces.
    offset += found === -1 || piece.length < 2 ? piece.length : found;
    if (found !== -1 && offset + 1 >= body.size) return body.size;
  }
  return body.size;
}

/** PNG (ISO/IEC 15948): chunks of length, type, data, CRC, the last of type IEND. */
export async function endsWithPng(body: Body): Promise<boolean> {
  const tail = await tailOf(body, 12);
  if (tail.length === 12 && tail.readUInt32BE(0) === 0 && tail.toString('latin1', 4, 8) === 'IEND')
    return true;
  let at = 8;
  for (let part = 0; part < maxParts && at + 12 <= body.size; part += 1) {
    const head = await body.read(at, 8);
    at += 12 + head.readUInt32BE(0);
    if (head.toString('latin1', 4, 8) === 'IEND') return at <= body.size;
  }
  return false;
}

/** GIF (GIF89a specification): header, colour table, blocks of sub-blocks, until the trailer 0x3B. */
export async function endsWithGif(body: Body): Promise<boolean> {
  const header = await body.read(0, 13);
  if (header.length < 13) return false;
  let at = 13 + colourTableBytes(header[10]!);
  for (let part = 0; part < maxParts; part += 1) {
    const block = await body.read(at, 10);
    if (block[0] === 0x3b) return true;
    if (block[0] === 0x21) at = await endOfSubBlocks(body, at + 2);
    else if (block[0] === 0x2c && block.length === 10)
      at = await endOfSubBlocks(body, at + 11 + colourTableBytes(block[9]!));
    // A terminator too many is common and harmless.
    else if (block[0] === 0x00) at += 1;
    else return false;
  }
  return false;
}

const colourTableBytes = (flags: number): number => (flags & 0x80 ? 3 * 2 ** ((flags & 0x07) + 1) : 0);

/** Behind the empty sub-block that ends a chain of them. */
async function endOfSubBlocks(body: Body, from: number): Promise<number> {
  let at = from;
  while (at < body.size) {
    const piece = await body.read(at, scanBytes);
    let offset = 0;
    while (offset < piece.length) {
      if (piece[offset] === 0) return at + offset + 1;
      offset += piece[offset]! + 1;
    }
    at += offset;
  }
  return at;
}

/** RIFF (WebP, AVI): the size of the whole stands in the header; a program that could not know it wrote 0. */
export async function holdsRiff(body: Body): Promise<boolean> {
  const head = await body.read(0, 8);
  return head.length === 8 && body.size >= head.readUInt32LE(4) + 8;
}

/**
 * ISO base media (MP4, AVIF, HEIC) and JPEG 2000: boxes of size and type, whose sizes add up. A file cut
 * between two boxes adds up, too: `needed` are the types without which it holds nothing.
 */
export const holdsBoxes =
  (...needed: string[]) =>
  async (body: Body): Promise<boolean> => {
    const missing = new Set(needed);
    let at = 0;
    for (let part = 0; part < maxParts && at + 8 <= body.size; part += 1) {
      const head = await body.read(at, 16);
      let size: number = head.readUInt32BE(0);
      missing.delete(head.toString('latin1', 4, 8));
      if (size === 1 && head.length === 16) size = Number(head.readBigUInt64BE(8));
      // The last box may go on to the end.
      else if (size === 0) return missing.size === 0;
      if (size < 8) return false;
      at += size;
    }
    // It may be said to go on to where no file can be read.
    if (at > body.size) return false;
    const rest = await body.read(at, 8);
    return missing.size === 0 && rest.length < 8 && rest.every((byte) => byte === 0);
  };
