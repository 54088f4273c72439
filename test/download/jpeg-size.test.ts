import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { jpegSize } from '../../src/download/jpeg-size.ts';
import { testDownloads, workFor } from '../support/downloads.ts';
import { testServer } from '../support/raw-server.ts';

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#246' } });

/** A segment with its length, in front of what follows the first two bytes. */
function withSegment(jpeg: Buffer, marker: number, content: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(2 + content.length, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, content, jpeg.subarray(2)]);
}

describe('the size in pixels of a JPEG', async () => {
  const small = await picture(30, 20).jpeg().toBuffer();
  const appBytes = 2 + small.readUInt16BE(4);
  const bare = Buffer.concat([small.subarray(0, 2), small.subarray(2 + appBytes)]);
  const frame = small.indexOf(Buffer.from([0xff, 0xc0]));
  const cases: [what: string, bytes: Buffer, size: [width: number, height: number] | null][] = [
    ['as it is written most often', small, [30, 20]],
    ['progressive', await picture(40, 50).jpeg({ progressive: true }).toBuffer(), [40, 50]],
    [
      'turned by its metadata',
      await picture(30, 20).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
      [30, 20],
    ],
    ['without APP0', bare, [30, 20]],
    [
      'with another one in its metadata',
      withSegment(small, 0xe1, await picture(8, 9).jpeg().toBuffer()),
      [30, 20],
    ],
    [
      'with arithmetic coding announced',
      withSegment(small, 0xcc, Buffer.from([0, 0, 0, 99, 0, 99])),
      [30, 20],
    ],
    [
      'with fill bytes',
      Buffer.concat([small.subarray(0, 2), Buffer.alloc(9, 0xff), small.subarray(2)]),
      [30, 20],
    ],
    [
      'with rubbish between segments',
      Buffer.concat([bare.subarray(0, 2), Buffer.alloc(99), bare.subarray(2)]),
      [30, 20],
    ],
    [
      'with a stuffed byte',
      Buffer.concat([bare.subarray(0, 2), Buffer.from([0xff, 0]), bare.subarray(2)]),
      [30, 20],
    ],
    [
      'with segments of no length',
      Buffer.concat([bare.subarray(0, 2), Buffer.from('ffe00000', 'hex'), bare.subarray(2)]),
      [30, 20],
    ],
    ['cut off in its frame header', small.subarray(0, frame + 8), null],
    ['cut off before its frame header', small.subarray(0, frame), null],
    [
      'that says a height of 0',
      Buffer.concat([small.subarray(0, frame + 5), Buffer.alloc(2), small.subarray(frame + 7)]),
      null,
    ],
    ['that begins with its scan', Buffer.from([0xff, 0xd8, 0xff, 0xda, ...small.subarray(frame)]), null],
    ['of fill bytes alone', Buffer.alloc(100_000, 0xff), null],
    ['of rubbish alone', Buffer.alloc(100_000), null],
    ['that says nothing', Buffer.alloc(0), null],
  ];
  for (const [what, bytes, expected] of cases) {
    it(what, () => {
      const size = jpegSize(bytes);
      assert.deepEqual(size === undefined ? null : [size.width, size.height], expected);
    });
  }

  it('is found behind large metadata', async () => {
    let body: Buffer = small;
    for (let at = 0; at < 5; at += 1) body = withSegment(body, 0xe2, Buffer.alloc(60_000, at));
    await using server = await testServer((_, response) => void response.end(body));
    await using downloads = await testDownloads();
    const { status, width, height } = await downloads.downloader.download(workFor(server.url));
    assert.deepEqual({ status, width, height }, { status: 'saved', width: 30, height: 20 });
  });
});
