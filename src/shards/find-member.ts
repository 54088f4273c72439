import type { FileHandle } from 'node:fs/promises';
import { blockBytes, keyOf, readTarHeader, type TarMember, tarMembers } from './tar.ts';

/** What is so near is read header by header. */
const nearBytes = 256 * 1024;
const pieceBytes = 64 * 1024;
/** So far the next header is looked for. What is larger is no picture that anybody shows, and then headers are read one by one. */
const farBytes = 16 * 1024 * 1024;

/**
 * The first member of a key in a tar of ours, whose keys ascend. Little is read of a large one. Null where it has none.
 * Throws an Error where it is no such tar.
 */
export async function findMember(file: FileHandle, key: string): Promise<TarMember | null> {
  // What a picture is made of may look like a header, and lead astray.
  const near = await memberFrom(file, await placeNear(file, key), key).catch(() => null);
  return near ?? (await memberFrom(file, 0, key));
}

async function memberFrom(file: FileHandle, place: number, key: string): Promise<TarMember | null> {
  for (const member of tarMembers(file.fd, place)) {
    if (keyOf(member) === key) return member;
    if (keyOf(member) > key) return null;
  }
  return null;
}

/** Where a header is that is not behind the wanted one, and near it: looked for by halves. */
async function placeNear(file: FileHandle, key: string): Promise<number> {
  let from = 0;
  let to = (await file.stat()).size;
  while (to - from > nearBytes) {
    const middle = from + Math.floor((to - from) / 2 / blockBytes) * blockBytes;
    const next = await nextHeader(file, middle, to);
    if (next === 'far') break;
    if (next !== null && next.key < key) from = next.at;
    else to = middle;
  }
  return from;
}

/** The first header at a block from `from` on, and before `to`; null where there is none. */
async function nextHeader(
  file: FileHandle,
  from: number,
  to: number,
): Promise<{ key: string; at: number } | 'far' | null> {
  const piece = Buffer.allocUnsafe(pieceBytes);
  for (let start = from; start < to; start += pieceBytes) {
    if (start - from >= farBytes) return 'far';
    const { bytesRead } = await file.read(piece, 0, Math.min(pieceBytes, to - start), start);
    for (let at = 0; at + blockBytes <= bytesRead; at += blockBytes) {
      const header = readTarHeader(piece.subarray(at, at + blockBytes));
      if (header !== null) return { key: keyOf(header), at: start + at };
    }
  }
  return null;
}
