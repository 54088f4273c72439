import sharp from 'sharp';
import { cutOut } from './crop.ts';
import { encodeJpeg, rawOf } from './encode.ts';
import { paint } from './landscape.ts';
import { padJpeg } from './padding.ts';
import { scenes } from './scenes.ts';

/** Small files that the faults and the fixed addresses serve. */
export interface Samples {
  jpeg: Buffer;
  /** As long as `jpeg`, other pixels. */
  otherJpeg: Buffer;
  png: Buffer;
  gif: Buffer;
  webp: Buffer;
  /** What stands where a removed image stood: 161 x 81, as Imgur's. */
  removed: Buffer;
  width: number;
  height: number;
}

const size = { width: 320, height: 240 };
export const sampleBytes = 24_000;

function smallScene(index: number) {
  const panorama = paint(scenes[index]!, size.width, size.height, index);
  return cutOut(panorama, { ...size, left: 0, top: 0, mirrored: false, tint: [1, 1, 1], grainFrom: 0 });
}

async function smallJpeg(index: number): Promise<Buffer> {
  const { bytes } = await encodeJpeg(smallScene(index), sampleBytes, { factor: 1 });
  const body = padJpeg(bytes, `Sample ${index}. `, sampleBytes, size);
  return body.read(0, body.length);
}

const removedSign = `<svg xmlns="http://www.w3.org/2000/svg" width="161" height="81">
<rect width="161" height="81" fill="#222"/>
<g fill="none" stroke="#999" stroke-width="3"><rect x="50.5" y="18.5" width="60" height="44" rx="4"/>
<path d="M50.5 55l18-18 13 13 11-9 18 16M40 72L121 9"/></g></svg>`;

async function make(): Promise<Samples> {
  const raw = rawOf(smallScene(2));
  const [jpeg, otherJpeg, png, gif, webp, removed] = await Promise.all([
    smallJpeg(1),
    smallJpeg(4),
    raw.clone().png().toBuffer(),
    raw.clone().gif({ effort: 1 }).toBuffer(),
    raw.clone().webp().toBuffer(),
    sharp(Buffer.from(removedSign)).png().toBuffer(),
  ]);
  return { jpeg, otherJpeg, png, gif, webp, removed, ...size };
}

let made: Promise<Samples> | undefined;

/** Made once for a process. */
export function makeSamples(): Promise<Samples> {
  made ??= make();
  return made;
}
