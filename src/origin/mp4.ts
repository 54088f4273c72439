/** A box of ISO/IEC 14496-12: its length, its type, what is in it. */
function box(type: string, ...contents: Buffer[]): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(
    contents.reduce((sum, part) => sum + part.length, 8),
    0,
  );
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, ...contents]);
}

/**
 * A file of `length` bytes that has an MP4's boxes - `ftyp`, `moov` with its header, `mdat` - whose lengths
 * add up. It holds no track: programs recognise it, none can play it.
 */
export function emptyMp4(length: number, comment: string): Buffer {
  const fileType = box('ftyp', Buffer.from('isom\0\0\x02\0isomiso2mp41', 'latin1'));
  const header = Buffer.alloc(100);
  header.writeUInt32BE(1000, 12); // Units of time a second.
  header.writeUInt32BE(0x10000, 20); // Rate 1.0.
  header.writeUInt16BE(0x100, 24); // Volume 1.0.
  for (const [at, value] of [
    [36, 0x10000],
    [52, 0x10000],
    [68, 0x40000000],
  ] as const) {
    header.writeUInt32BE(value, at); // The unit matrix.
  }
  header.writeUInt32BE(1, 96); // The next track's number.
  const movie = box('moov', box('mvhd', header));
  const room = Math.max(comment.length, length - fileType.length - movie.length - 8);
  return Buffer.concat([fileType, movie, box('mdat', Buffer.alloc(room, comment))]);
}
