import { type Body, maxParts } from './endings.ts';

const segment = 0x18538067;
/** What may stand beside a segment: the header, padding, a checksum. */
const topLevel: readonly number[] = [segment, 0x1a45dfa3, 0xec, 0xbf];

/**
 * WebM, Matroska (RFC 8794, RFC 9559): elements of id, size and content, at the top the header and the segment with
 * everything in it. A live recording leaves the segment's size unknown: such a file passes at any length.
 */
export async function holdsEbml(body: Body): Promise<boolean> {
  let holdsSegment = false;
  let at = 0;
  for (let part = 0; part < maxParts && at < body.size; part += 1) {
    const element = readElement(await body.read(at, 12));
    // What follows the segment belongs to nobody.
    if (element === null || !topLevel.includes(element.id)) return holdsSegment;
    holdsSegment ||= element.id === segment;
    if (element.bytes === null) return holdsSegment;
    at += element.headBytes + element.bytes;
  }
  return holdsSegment && at <= body.size;
}

interface Element {
  id: number;
  /** Of id and size together. */
  headBytes: number;
  /** Of the content; null where it is unknown. */
  bytes: number | null;
}

function readElement(head: Buffer): Element | null {
  const idBytes = leadingZeros(head[0]) + 1;
  const sizeBytes = leadingZeros(head[idBytes]) + 1;
  const headBytes = idBytes + sizeBytes;
  if (idBytes > 4 || sizeBytes > 8 || head.length < headBytes) return null;
  const marker = 0x80 >> (sizeBytes - 1);
  const digits = head.subarray(idBytes, headBytes);
  const isUnknown = digits.every((digit, n) => digit === (n === 0 ? 2 * marker - 1 : 0xff));
  const bytes = digits.reduce((sum, digit, n) => (n === 0 ? digit - marker : sum * 256 + digit), 0);
  return { id: head.readUIntBE(0, idBytes), headBytes, bytes: isUnknown ? null : bytes };
}

/** Of one byte: they tell how many bytes a number has. Eight past the end. */
const leadingZeros = (byte = 0): number => Math.clz32(byte) - 24;
