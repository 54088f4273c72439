/** A chunk of a WebP, or of a frame of one. */
export interface Chunk {
  /** Four letters. */
  type: string;
  /** What it holds, without head and padding. */
  data: Buffer;
}

const headBytes = 8;
/** A file with more of them was made to be slow to walk. */
const mostChunks = 100_000;

/** The chunks of a WebP (RFC 9649, section 2); null where they are not in order. What lies behind them is left out. */
export function webpChunks(webp: Buffer): Chunk[] | null {
  if (webp.length < 12) return null;
  const to = headBytes + webp.readUInt32LE(4);
  return to < 12 || to > webp.length ? null : riffChunks(webp.subarray(12, to));
}

function riffChunks(bytes: Buffer): Chunk[] | null {
  const found: Chunk[] = [];
  for (let at = 0; at + headBytes <= bytes.length; ) {
    const from = at + headBytes;
    const to = from + bytes.readUInt32LE(at + 4);
    if (to > bytes.length || found.length >= mostChunks) return null;
    found.push({ type: bytes.toString('latin1', at, at + 4), data: bytes.subarray(from, to) });
    at = to + ((to - from) % 2);
  }
  return found;
}

/** What `webpChunks` reads. */
export function webpOf(chunks: readonly Chunk[]): Buffer {
  const parts = chunks.flatMap(({ type, data }) => {
    const head = Buffer.from(`${type}\0\0\0\0`, 'latin1');
    head.writeUInt32LE(data.length, 4);
    return [head, data, Buffer.alloc(data.length % 2)];
  });
  const file = Buffer.concat([Buffer.from('RIFF\0\0\0\0WEBP', 'latin1'), ...parts]);
  file.writeUInt32LE(file.length - headBytes, 4);
  return file;
}

/** A frame has place, size, pace and how it is put on others before its own chunks. */
const frameHeadBytes = 16;

/** Whether a WebP is compressed without loss, in all its frames. */
export function isLosslessWebp(webp: Buffer): boolean {
  const chunks = webpChunks(webp) ?? [];
  const all = chunks.flatMap(({ type, data }) =>
    type === 'ANMF' ? (riffChunks(data.subarray(frameHeadBytes)) ?? []) : [{ type, data }],
  );
  return all.some(({ type }) => type === 'VP8L') && !all.some(({ type }) => type === 'VP8 ');
}
