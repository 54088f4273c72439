import fs from 'node:fs';

/** POSIX.1-1988 (USTAR), `pax` in the Open Group's specification: blocks of 512 bytes, numbers in octal. */
export const blockBytes = 512;
/** What the eleven octal digits of a size can say. */
export const mostMemberBytes = 8 ** 11 - 1;
/** The same for every member, so that the same pictures give the same bytes: 1 January 2000, UTC. */
const modifiedSeconds = 946_684_800;
/** Two blocks of zeros, as tar's are written: up to a record of twenty blocks. */
const recordBytes = 20 * blockBytes;

const zeros = Buffer.alloc(recordBytes);

const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;

/** The header of a file that anybody may read, nobody write, and that belongs to nobody. `name` is plain ASCII of at most 100 characters. */
export function tarHeader(name: string, bytes: number): Buffer {
  if (name.length > 100) throw new RangeError(`${name} is too long for a member of a tar`);
  if (bytes > mostMemberBytes) throw new RangeError(`${name} is too large for a member of a tar`);
  const header = Buffer.alloc(blockBytes);
  header.write(name, 0, 'latin1');
  header.write(octal(0o444, 7), 100, 'latin1');
  header.write(octal(0, 7), 108, 'latin1');
  header.write(octal(0, 7), 116, 'latin1');
  header.write(octal(bytes, 11), 124, 'latin1');
  header.write(octal(modifiedSeconds, 11), 136, 'latin1');
  header.write('0', 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  // No device: readers take empty fields for zero, and some archivers write it.
  header.write(octal(0, 7), 329, 'latin1');
  header.write(octal(0, 7), 337, 'latin1');
  header.write(`${octal(checksum(header), 6)} `, 148, 'latin1');
  return header;
}

/** The sum of all bytes, with the sum's own place taken for spaces. */
function checksum(header: Buffer): number {
  let sum = 8 * 32;
  for (let at = 0; at < blockBytes; at += 1) if (at < 148 || at >= 156) sum += header[at]!;
  return sum;
}

/** What fills the last block of a member up. */
export const tarPadding = (bytes: number): Buffer => zeros.subarray(0, -bytes & (blockBytes - 1));

/** What ends a tar that has so many bytes. */
export function tarEnd(bytes: number): Buffer {
  const end = 2 * blockBytes;
  return Buffer.concat([zeros.subarray(0, end), zeros.subarray(0, padTo(bytes + end, recordBytes))]);
}

const padTo = (bytes: number, unit: number) => (unit - (bytes % unit)) % unit;

/** A member of a tar that `tarHeader` wrote the headers of. */
export interface TarMember {
  name: string;
  /** Of its content in the file. */
  offset: number;
  bytes: number;
}

/** What a header says; null where the block is none that `tarHeader` wrote. */
export function readTarHeader(block: Buffer): Pick<TarMember, 'name' | 'bytes'> | null {
  if (block.toString('latin1', 257, 262) !== 'ustar') return null;
  const number = (from: number, to: number) => Number.parseInt(block.toString('latin1', from, to), 8);
  const bytes = number(124, 135);
  if (number(148, 154) !== checksum(block) || !(bytes >= 0)) return null;
  const name = block.toString('latin1', 0, 100);
  return { name: name.slice(0, name.indexOf('\0') >>> 0), bytes };
}

/**
 * The members of an open tar of ours, in their order, without their bytes, from the one whose header is at `from`. Throws an
 * Error where it is no such tar.
 */
export function* tarMembers(descriptor: number, from = 0): Generator<TarMember> {
  const { size } = fs.fstatSync(descriptor);
  const block = Buffer.alloc(blockBytes);
  for (let at = from; at < size; ) {
    if (fs.readSync(descriptor, block, 0, blockBytes, at) < blockBytes) {
      throw new Error(`a tar that ends in a header, at ${at}`);
    }
    if (block[0] === 0) return;
    const header = readTarHeader(block);
    const offset = at + blockBytes;
    if (header === null || offset + header.bytes > size) throw new Error(`no header of a tar, at ${at}`);
    yield { ...header, offset };
    at = offset + header.bytes + padTo(header.bytes, blockBytes);
  }
}

/** The key that a member belongs to: what is before the first dot. */
export const keyOf = ({ name }: Pick<TarMember, 'name'>): string => name.slice(0, name.indexOf('.'));
