import { placeForSegment, segmentOf } from './jpeg-segments.ts';

const photoshop = 'Photoshop 3.0\0';
/** The one of Photoshop's resources that holds records of IPTC. */
const iptcResource = 0x0404;
/** Every record begins with it. */
const recordMark = 0x1c;
const mostPayload = 65_533;

/**
 * A JPEG with the IPTC of another picture, as the library gives it: among Photoshop's resources where it comes from a
 * JPEG, bare where from a TIFF. Of the resources no other is taken: previews, paths and digests are of the picture
 * that was. What cannot be read is left out.
 */
export function withIptc(jpeg: Buffer, found: Buffer): Buffer {
  const records = found[0] === recordMark ? found : recordsOf(found);
  const payload = records && Buffer.concat([Buffer.from(photoshop, 'latin1'), resource(records)]);
  if (payload === null || payload.length > mostPayload) return jpeg;
  const at = placeForSegment(jpeg);
  return Buffer.concat([jpeg.subarray(0, at), segmentOf(0xed, payload), jpeg.subarray(at)]);
}

const even = (length: number): number => length + (length % 2);

/** A resource: a mark, its number, a name with its length in front, its length, its bytes, both at even lengths. */
function recordsOf(resources: Buffer): Buffer | null {
  if (resources.toString('latin1', 0, photoshop.length) !== photoshop) return null;
  for (let at = photoshop.length; at + 12 <= resources.length; ) {
    if (resources.toString('latin1', at, at + 4) !== '8BIM') return null;
    const number = resources.readUInt16BE(at + 4);
    const sizeAt = at + 6 + even(1 + resources[at + 6]!);
    if (sizeAt + 4 > resources.length) return null;
    const size = resources.readUInt32BE(sizeAt);
    const records = resources.subarray(sizeAt + 4, sizeAt + 4 + size);
    if (number === iptcResource) return records.length === size && size > 0 ? records : null;
    at = sizeAt + 4 + even(size);
  }
  return null;
}

function resource(records: Buffer): Buffer {
  const bytes = Buffer.alloc(12 + even(records.length));
  bytes.write('8BIM', 'latin1');
  bytes.writeUInt16BE(iptcResource, 4);
  bytes.writeUInt32BE(records.length, 8);
  records.copy(bytes, 12);
  return bytes;
}
