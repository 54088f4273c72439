/** A marker of a JPEG with all that belongs to it: its segment, and the codes behind the header of a scan. */
export interface Segment {
  marker: number;
  from: number;
  to: number;
}

/** A file with more of them was made to be slow to walk. */
const mostSegments = 100_000;

/** Segments of a JPEG (ITU-T T.81, B.1) up to its EOI; null where they are not in order. What lies behind is left out. */
export function jpegSegments(jpeg: Buffer): Segment[] | null {
  const found: Segment[] = [];
  let from = 0;
  while (from + 2 <= jpeg.length && found.length < mostSegments) {
    let at = from;
    // A marker may be filled up in front.
    while (jpeg[at] === 0xff && jpeg[at + 1] === 0xff) at += 1;
    const marker = jpeg[at + 1] ?? 0;
    if (jpeg[at] !== 0xff || marker === 0) return null;
    const isAlone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd9);
    let to = at + 2;
    if (!isAlone) {
      if (to + 2 > jpeg.length) return null;
      to += jpeg.readUInt16BE(to);
      if (to < at + 4 || to > jpeg.length) return null;
    }
    if (marker === 0xda) to = endOfCodes(jpeg, to);
    found.push({ marker, from, to });
    if (marker === 0xd9) return found;
    from = to;
  }
  return null;
}

/** The next marker that is neither a stuffed byte nor one between two intervals of a scan. */
function endOfCodes(jpeg: Buffer, from: number): number {
  let at = jpeg.indexOf(0xff, from);
  while (at !== -1) {
    const next = jpeg[at + 1];
    if (next === 0xff) at += 1;
    else if (next !== 0 && !(next !== undefined && next >= 0xd0 && next <= 0xd7)) return at;
    else at = jpeg.indexOf(0xff, at + 2);
  }
  return jpeg.length;
}

/** Where a segment may be put in: behind JFIF and EXIF, which are looked for at the beginning. */
export function placeForSegment(jpeg: Buffer): number {
  let at = 2;
  while (jpeg[at] === 0xff && (jpeg[at + 1] === 0xe0 || jpeg[at + 1] === 0xe1)) {
    at += 2 + jpeg.readUInt16BE(at + 2);
  }
  return at;
}

/** A segment that holds `payload`, at most 65,533 bytes. */
export function segmentOf(marker: number, payload: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(payload.length + 2, 2);
  return Buffer.concat([head, payload]);
}
