import { type Body, maxParts } from './endings.ts';
import { type Field, TiffReader } from './tiff-reader.ts';

/** Tags of TIFF 6.0 and of its first supplement (directories beneath a directory). */
const tag = {
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  strips: 273,
  samplesPerPixel: 277,
  stripBytes: 279,
  tiles: 324,
  tileBytes: 325,
  beneath: 330,
  wholeJpeg: 513,
  jpegBytes: 514,
};

type Fields = ReadonlyMap<number, Field>;

/** Values of a table that are looked at together. */
const pieceOfTable = 8192;

/**
 * TIFF and BigTIFF: directories of fields anywhere in the file, each the description of one picture, whose
 * strips or tiles have places and sizes of their own. In a whole file all of that is there. Directories of
 * Exif, and of camera makers, are not followed: programs that copy their fields copy places that mean nothing.
 */
export async function holdsTiff(body: Body): Promise<boolean> {
  const reader = await TiffReader.open(body);
  if (reader === null) return false;
  const pending = [reader.firstDirectoryAt];
  const seen = new Set<number>();
  let pictures = 0;
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    // A chain that leads back to where it was ends there.
    if (at === 0 || seen.has(at)) continue;
    seen.add(at);
    const directory = await reader.directory(at);
    if (directory === null || !(await holdsPixels(reader, directory.fields, body.size))) return false;
    const { fields, nextAt } = directory;
    if (dataOf(fields).places !== undefined) pictures += 1;
    const beneath = await valuesOf(reader, fields.get(tag.beneath), 0, maxParts);
    if (beneath === null || seen.size + pending.length + beneath.length > maxParts) return false;
    pending.push(nextAt);
    for (const place of beneath) pending.push(place);
  }
  return pictures > 0;
}

/** The fields for the places and the sizes of what holds a picture's pixels. */
function dataOf(fields: Fields): { places?: Field | undefined; sizes?: Field | undefined } {
  const pairs = [
    [tag.strips, tag.stripBytes],
    [tag.tiles, tag.tileBytes],
    [tag.wholeJpeg, tag.jpegBytes],
  ] as const;
  for (const [places, sizes] of pairs) {
    if (fields.has(places)) return { places: fields.get(places), sizes: fields.get(sizes) };
  }
  return {};
}

/** Whether a picture's pixels end within the file. */
async function holdsPixels(reader: TiffReader, fields: Fields, size: number): Promise<boolean> {
  const most = await mostBytes(reader, fields);
  const { places, sizes } = dataOf(fields);
  for (let from = 0; from < (places?.count ?? 0); from += pieceOfTable) {
    const starts = await valuesOf(reader, places, from, pieceOfTable);
    const lengths = await valuesOf(reader, sizes, from, pieceOfTable);
    // None: of a type that places do not have.
    if (starts === null || lengths === null || starts.length === 0) return false;
    if (starts.some((start, n) => start + Math.min(lengths[n] ?? 0, most) > size)) return false;
  }
  return true;
}

/**
 * What a strip can hold at most, where that is known: programs that write one strip alone, and no
 * compression, have given it any size. Those that wrote a whole JPEG besides gave its strips wrong ones.
 */
async function mostBytes(reader: TiffReader, fields: Fields): Promise<number> {
  const first = async (field: number, otherwise: number) =>
    (await valuesOf(reader, fields.get(field), 0, 1))?.[0] ?? otherwise;
  const compression = await first(tag.compression, 1);
  if (compression === 6 && fields.has(tag.wholeJpeg) && fields.has(tag.strips)) return 0;
  if (compression !== 1 || fields.get(tag.strips)?.count !== 1) return Infinity;
  const bitsPerPixel = (await first(tag.bitsPerSample, 1)) * (await first(tag.samplesPerPixel, 1));
  return Math.ceil(((await first(tag.width, 0)) * bitsPerPixel) / 8) * (await first(tag.height, 0));
}

const valuesOf = async (reader: TiffReader, field: Field | undefined, from: number, most: number) =>
  field === undefined ? [] : await reader.values(field, from, most);
