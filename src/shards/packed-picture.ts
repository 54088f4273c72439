import type { FileHandle } from 'node:fs/promises';
import { type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { findMember } from './find-member.ts';
import { asyncBuffer } from './table-reader.ts';

/**
 * The picture with this key, out of a finished shard, of which only what is near it is read. Null where it has none, or one
 * of more than `mostBytes`. Rejects where it cannot be read, or is no shard of ours.
 */
export async function packedPicture(
  shard: FileHandle,
  kind: 'tar' | 'parquet',
  key: string,
  mostBytes: number,
): Promise<Uint8Array | null> {
  return kind === 'tar' ? await fromTar(shard, key, mostBytes) : await fromTable(shard, key, mostBytes);
}

async function fromTar(shard: FileHandle, key: string, mostBytes: number): Promise<Uint8Array | null> {
  // The picture is the first member of its key.
  const member = await findMember(shard, key);
  if (member === null || member.bytes > mostBytes) return null;
  const bytes = Buffer.alloc(member.bytes);
  await shard.read(bytes, 0, bytes.length, member.offset);
  return bytes;
}

async function fromTable(shard: FileHandle, key: string, mostBytes: number): Promise<Uint8Array | null> {
  const file = await asyncBuffer(shard);
  const metadata = await parquetMetadataAsync(file);
  const image = imageColumnOf(metadata);
  if (image === undefined) return null;
  const keys = await parquetReadObjects({ file, metadata, columns: ['key'] });
  const at = keys.findIndex((row) => row.key === key);
  if (at === -1) return null;
  const place = { rowStart: at, rowEnd: at + 1 };
  const [row] = await parquetReadObjects({ file, metadata, columns: [image], ...place, utf8: false });
  const bytes = row?.[image];
  return bytes instanceof Uint8Array && bytes.length <= mostBytes ? bytes : null;
}

/** It is called as the format that was asked for; every other column of bytes is text. */
const imageColumnOf = ({ schema }: FileMetaData): string | undefined =>
  schema.find(({ type, converted_type }) => type === 'BYTE_ARRAY' && converted_type === undefined)?.name;
