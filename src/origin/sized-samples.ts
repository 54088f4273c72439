import { createCipheriv } from 'node:crypto';
import type { Samples } from './samples.ts';

/** JPEG: the longest COM segment, with its marker and its length (ITU-T T.81, B.2.4.5). */
const longestSegment = 2 + 65_535;
/** Of the sized pictures that are kept for the next request. */
const mostKeptBytes = 64 * 1024 * 1024;

/** The same bytes for the same key, and no stretch of them twice: a misplaced piece of a file is seen. */
function noise(length: number, key: number): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, key), Buffer.alloc(16)).update(Buffer.alloc(length));
}

/** The picture with so many bytes more, in comments of noise right after SOI, which decoders skip. */
function lengthened(jpeg: Buffer, more: number, key: number): Buffer {
  const filling = noise(more, key);
  const count = Math.ceil(more / longestSegment);
  for (let i = 0; i < count; i += 1) {
    const at = Math.floor((more * i) / count);
    const end = Math.floor((more * (i + 1)) / count);
    filling.writeUInt16BE(0xfffe, at);
    filling.writeUInt16BE(end - at - 2, at + 2);
  }
  return Buffer.concat([jpeg.subarray(0, 2), filling, jpeg.subarray(2)]);
}

/**
 * Gives the samples with both JPEGs exactly `length` bytes long: valid, the same every time, and unlike
 * each other. Throws a `RangeError` for a length that they cannot have.
 */
export function sampleSizer(samples: Samples): (length: number) => Samples {
  const kept = new Map<number, Samples>();
  let keptBytes = 0;
  return (length) => {
    const more = length - samples.jpeg.length;
    if (more === 0) return samples;
    // The shortest comment takes four bytes.
    if (more < 4) {
      throw new RangeError(`a sample has ${samples.jpeg.length} bytes, or at least 4 more; not ${length}`);
    }
    let sized = kept.get(length);
    if (sized === undefined) {
      const [jpeg, otherJpeg] = [lengthened(samples.jpeg, more, 1), lengthened(samples.otherJpeg, more, 2)];
      sized = { ...samples, jpeg, otherJpeg };
      if (keptBytes + 2 * length > mostKeptBytes) {
        kept.clear();
        keptBytes = 0;
      }
      kept.set(length, sized);
      keptBytes += 2 * length;
    }
    return sized;
  };
}
