import assert from 'node:assert/strict';
import fc from 'fast-check';
import sharp from 'sharp';
import { resolveRunSpec } from '../../../src/core/options/resolve-options.ts';
import type { Body } from '../../../src/download/endings.ts';
import { describeOther, detectFormat, formatExtensions, magicBytes } from '../../../src/download/formats.ts';
import { Inspector } from '../../../src/download/inspect.ts';
import { dangerous } from '../../../src/download/other-format.ts';
import { mayBecomeSvg, svgFormat, svgSize } from '../../../src/download/svg.ts';
import { RequestError } from '../../../src/http/request-error.ts';
import { readExif } from '../../../src/image/exif.ts';
import { withIptc } from '../../../src/image/iptc.ts';
import { stripJpeg } from '../../../src/image/strip-jpeg.ts';
import { stripPng } from '../../../src/image/strip-png.ts';
import { stripWebp } from '../../../src/image/strip-webp.ts';
import { svgText } from '../../../src/image/svg-text.ts';
import { isLosslessWebp } from '../../../src/image/webp-chunks.ts';
import {
  exif,
  fullJpeg,
  fullPng,
  fullWebp,
  iptcRecords,
  photoshop,
  withJfif,
  xmp,
} from '../../image/metadata-blocks.ts';
import { bmp, box, brand, hex, ico, oldestBmp, tiff, webm } from '../../support/handmade-files.ts';
import { bytesNear } from '../mutations.ts';
import { expectFailure, expectPixels } from '../shapes.ts';
import { allowingAsync, target } from '../target.ts';

const padded = (head: Buffer) => Buffer.concat([head, Buffer.alloc(400, 1)]);

/** A small file of every format that is known, and of some that only `--any-type` keeps. */
async function pictures(): Promise<Buffer[]> {
  const [width, height] = [24, 16];
  const raw = Buffer.from(Array.from({ length: width * height * 3 }, (_, i) => (i * i * 31) >> 5));
  const picture = () => sharp(raw, { raw: { width, height, channels: 3 } });
  const frames = sharp(Buffer.concat([raw, raw]), {
    raw: { width, height: 2 * height, channels: 3, pageHeight: height },
  });
  return [
    ...(await Promise.all([
      picture()
        .jpeg()
        .withExif({ IFD0: { Copyright: 'me' } })
        .toBuffer(),
      picture().jpeg({ progressive: true }).toBuffer(),
      picture().png().toBuffer(),
      picture().gif().toBuffer(),
      frames.clone().gif().toBuffer(),
      picture().webp().toBuffer(),
      frames.clone().webp({ lossless: true }).toBuffer(),
      picture().avif({ effort: 0 }).toBuffer(),
      picture().tiff().toBuffer(),
    ])),
    Buffer.concat([brand('isom'), box('moov', Buffer.alloc(90)), box('mdat', Buffer.alloc(500, 3))]),
    Buffer.concat([brand('heic'), box('meta', hex('00000000')), box('mdat', Buffer.alloc(90))]),
    Buffer.concat([brand('qt  '), box('mdat', Buffer.alloc(90)), box('moov', Buffer.alloc(90))]),
    Buffer.concat([hex('0000000c 4a584c20 0d0a870a'), brand('jxl '), box('jxlc', hex('ff0a7f0090010012'))]),
    padded(hex('ff0a 7f00 9001 0012')),
    Buffer.concat([
      hex('0000000c 6a502020 0d0a870a'),
      brand('jp2 '),
      box('jp2h', box('ihdr', hex('0000001000000018 0003 07 07 00 00'))),
      box('jp2c', Buffer.alloc(50)),
    ]),
    bmp(),
    bmp({ bits: 8, compression: 1, height: -20 }),
    bmp({ profileBytes: 100 }),
    oldestBmp(),
    ico([Buffer.alloc(90, 1), Buffer.alloc(40, 2)]),
    tiff({ pages: 3 }),
    tiff({ isLittle: false, directoryFirst: true, pages: 2 }),
    tiff({ isBig: true, strips: 1, stripBytes: 5000 }),
    padded(Buffer.concat([Buffer.from('icns'), hex('00000190'), Buffer.from('ic07'), hex('00000100')])),
    padded(Buffer.concat([Buffer.from('8BPS'), hex('0001 000000000000 0003 00000010 00000018 0008 0003')])),
    padded(Buffer.from('P6\n24 16\n255\n')),
    padded(Buffer.from('DDS |\0\0\0\x07\x10\x08\0\x10\0\0\0\x18\0\0\0', 'latin1')),
    padded(Buffer.concat([hex('ab4b5458 20313 1bb 0d0a1a0a 01020304'), Buffer.alloc(60, 1)])),
    Buffer.concat([Buffer.from('RIFF\x90\x01\0\0AVI ', 'latin1'), Buffer.alloc(396)]),
    webm(),
    webm('matroska', 2),
    webm('webm', null),
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="24" height="16"></svg>'),
    Buffer.from('<!doctype html><title>Sign in</title>'),
    Buffer.from('{"error": "not here"}'),
    padded(Buffer.concat([hex('3026b2758e66cf11a6d900aa0062ce6c'), Buffer.alloc(40)])),
    padded(Buffer.from('%PDF-1.4\n')),
    padded(hex('504b0304 14000000 0800')),
  ];
}

/** A body as strict as a file: what cannot be asked of one cannot be asked of it. */
function bodyOf(bytes: Buffer): Body & { readBytes: number } {
  const body = {
    size: bytes.length,
    readBytes: 0,
    async read(offset: number, length: number) {
      assert.ok(Number.isSafeInteger(offset) && offset >= 0, `read from ${offset}`);
      assert.ok(Number.isSafeInteger(length) && length > 0, `read of ${length} bytes`);
      const piece = bytes.subarray(offset, offset + length);
      body.readBytes += piece.length;
      return piece;
    },
  };
  return body;
}

const drawings = target<Buffer>({
  name: 'beginnings and ends of SVG',
  weight: 10,
  open: async () => ({
    inputs: bytesNear([
      Buffer.from('<?xml version="1.0"?><!-- a --><svg width="9" height="9"><a/></svg>'),
      Buffer.from('<!DOCTYPE svg [<!ENTITY a "b">]><svg viewBox="0 0 9 9"></svg><!-- -->'),
      Buffer.from('\ufeff<svg width="1in" height="2em"/>', 'utf16le'),
      Buffer.from('\ufeff<?xml version="1.0"?><svg></svg>', 'utf16le').swap16(),
    ]),
    async check(bytes) {
      const size = svgSize(bytes);
      if (size !== undefined) assert.ok(size.width > 0 && size.height > 0);
      const format = svgFormat(bytes);
      assert.ok(!mayBecomeSvg(bytes) || format === undefined);
      const body = bodyOf(bytes);
      assert.equal(typeof ((await format?.whole?.(body)) ?? true), 'boolean');
      assert.ok(body.readBytes <= bytes.length);
      assert.ok(svgText(bytes).length < 2 * bytes.length + 100);
    },
  }),
});

const endings = target<Buffer>({
  name: 'formats and their ends',
  weight: 40,
  open: async () => ({
    inputs: bytesNear(await pictures()),
    async check(bytes) {
      const format = detectFormat(bytes.subarray(0, magicBytes));
      if (format === undefined) {
        assert.match(describeOther(bytes.subarray(0, magicBytes)), /^[\w ]+$/);
        return;
      }
      assert.ok(formatExtensions.includes(format.ext));
      assert.match(format.mime, /^(image|video)\//);
      const body = bodyOf(bytes);
      assert.equal(typeof ((await format.whole?.(body)) ?? true), 'boolean');
      // A part of a few bytes may cost the reading of a whole piece, but not of the whole file many times over.
      assert.ok(body.readBytes <= 65_536 * (bytes.length / 2 + 10), `${body.readBytes} bytes read`);
    },
  }),
});

const inspector = new Inspector(resolveRunSpec({ anyType: true }));
const digests = { sha256: 'ab'.repeat(32), sha1: 'cd'.repeat(20), md5: 'ef'.repeat(16) };

/** With the libraries that tell the pixels and the other types. */
const inspection = target<{ bytes: Buffer; expected: number | undefined }>({
  name: 'pictures, inspected',
  weight: 40,
  open: async () => ({
    inputs: fc.record({
      bytes: bytesNear(await pictures()),
      expected: fc.option(fc.nat({ max: 500 }), { nil: undefined }),
    }),
    async check({ bytes, expected }) {
      if (bytes.length === 0) return;
      const item = {
        key: 'k',
        url: 'http://h/',
        index: 1,
        reach: [],
        expect: expected === undefined ? {} : { bytes: expected },
      };
      const found = await allowingAsync([RequestError], async () => {
        try {
          const head = bytes.subarray(0, 16 * 1024);
          return await inspector.inspect(item, bodyOf(bytes), head, digests, new URL('http://h/x.jpg'));
        } catch (error) {
          if (error instanceof RequestError) expectFailure(error.failure);
          throw error;
        }
      });
      if (found === undefined) return;
      expectPixels(found);
      assert.match(found.ext, /^[a-z0-9]{1,10}(\.[a-z0-9]+)?$/);
      assert.ok(!dangerous.has(found.ext), found.ext);
    },
  }),
});

/** Pictures with all that may be said in them, as their metadata is read and taken out. */
const metadata = target<Buffer>({
  name: 'metadata of pictures',
  weight: 20,
  open: async () => {
    const plain = sharp({ create: { width: 24, height: 16, channels: 3, background: 'red' } });
    const canvas = plain.withExif(exif).withXmp(xmp);
    const jpeg = fullJpeg(withJfif(await canvas.clone().jpeg().toBuffer()));
    const [png, webp] = [await canvas.clone().png().toBuffer(), await canvas.clone().webp().toBuffer()];
    const still = await plain.clone().jpeg().toBuffer();
    return {
      inputs: bytesNear([jpeg, fullPng(png), fullWebp(webp), photoshop(iptcRecords), exifBlock(jpeg)]),
      check(bytes) {
        for (const strip of [stripJpeg, stripPng, stripWebp]) {
          const stripped = strip(bytes, 6);
          assert.ok(stripped === null || stripped.length <= bytes.length + 40);
          if (stripped !== null) assert.ok(strip(stripped, 6)?.equals(stripped));
        }
        assert.equal(typeof isLosslessWebp(bytes), 'boolean');
        const growth = withIptc(still, bytes).length - still.length;
        assert.ok(growth >= 0 && growth <= bytes.length + 40);
        assert.ok(JSON.stringify(readExif(bytes)).length < 64 * 1024);
      },
    };
  },
});

const exifBlock = (jpeg: Buffer): Buffer => jpeg.subarray(jpeg.indexOf('Exif'));

export const pictureTargets = [endings, drawings, inspection, metadata];
