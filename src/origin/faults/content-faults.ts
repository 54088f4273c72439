import { brotliCompressSync, crc32, deflateSync, gzipSync } from 'node:zlib';
import { sendAtOnce } from '../network.ts';
import { padJpeg } from '../padding.ts';
import { serveBody } from '../serve-body.ts';
import { type Fault, type FaultCall, good, numberAt } from './fault.ts';

const page =
  '<!doctype html><html><head><title>Sign in</title></head><body><p>Please sign in.</p></body></html>\n';

function answer(
  { response }: FaultCall,
  body: Buffer | string,
  type: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body), ...headers });
  response.end(body);
}

/** A PNG's header that promises so many pixels, and one line of them. */
function hugePng(side: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const bytes = Buffer.alloc(12 + data.length);
    bytes.writeUInt32BE(data.length);
    bytes.write(type, 4, 'latin1');
    data.copy(bytes, 8);
    bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
    return bytes;
  };
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0]);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const line = deflateSync(Buffer.alloc(1 + side * 3));
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', line),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/**
 * Ones and nothing else in the middle of the sample's scan, which are no code of any table (ITU-T T.81, C):
 * markers and length are as they should be.
 */
function broken(jpeg: Buffer): Buffer {
  const bytes = Buffer.from(jpeg);
  const scan = bytes.lastIndexOf(Buffer.from([0xff, 0xda]));
  const middle = Math.floor((scan + bytes.length) / 2);
  // 0x00 stands behind a 0xff that is data.
  bytes.fill(Buffer.from([0xff, 0x00]), middle, middle + 200);
  return bytes;
}

const bomb = (compress: (bytes: Buffer) => Buffer): Buffer => compress(Buffer.alloc(64 * 1024 * 1024));

/** Bodies that arrive as they were sent and are not what they should be; and some that are all right. */
export const contentFaults: Record<string, Fault> = {
  /** Nothing wrong with it. */
  ok: (call) => good(call),
  png: (call) => answer(call, call.samples.png, 'image/png'),
  gif: (call) => answer(call, call.samples.gif, 'image/gif'),
  webp: (call) => answer(call, call.samples.webp, 'image/webp'),
  html: (call) => answer(call, page, 'text/html'),
  'html-as-jpeg': (call) => answer(call, page, 'image/jpeg'),
  json: (call) => answer(call, '{"error":"not here"}', 'application/json'),
  text: (call) => answer(call, 'There is no picture here.\n', 'text/plain'),
  svg: (call) =>
    answer(call, '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', 'image/svg+xml'),
  executable: (call) =>
    answer(call, Buffer.concat([Buffer.from('\x7fELF'), Buffer.alloc(500)]), 'image/jpeg'),
  empty: (call) => answer(call, '', 'image/jpeg'),
  /** Without its end, though Content-Length agrees. */
  truncated: (call) =>
    answer(call, call.samples.jpeg.subarray(0, call.samples.jpeg.length - 2000), 'image/jpeg'),
  corrupt: (call) => answer(call, broken(call.samples.jpeg), 'image/jpeg'),
  /** huge-pixels/SIDE */
  'huge-pixels': (call) => answer(call, hugePng(numberAt(call, 0, 30_000, 1_000_000)), 'image/png'),
  /** PNG bytes under .jpg and image/jpeg. */
  'wrong-extension': (call) => answer(call, call.samples.png, 'image/jpeg'),
  'wrong-type': (call) => answer(call, call.samples.jpeg, 'text/html'),
  /** A picture of another size than any that was promised. */
  placeholder: (call) => answer(call, call.samples.removed, 'image/png'),
  /** A name from the server that leads out of the directory. */
  disposition: (call) =>
    good(call, { 'Content-Disposition': `attachment; filename="../../${call.args[0] ?? 'evil.desktop'}"` }),

  gzip: (call) => answer(call, gzipSync(call.samples.jpeg), 'image/jpeg', { 'Content-Encoding': 'gzip' }),
  deflate: (call) =>
    answer(call, deflateSync(call.samples.jpeg), 'image/jpeg', { 'Content-Encoding': 'deflate' }),
  br: (call) =>
    answer(call, brotliCompressSync(call.samples.jpeg), 'image/jpeg', { 'Content-Encoding': 'br' }),
  'gzip-broken': (call) =>
    answer(call, gzipSync(call.samples.jpeg).subarray(0, 9000), 'image/jpeg', { 'Content-Encoding': 'gzip' }),
  /** Says gzip and is not. */
  'gzip-not': (call) => answer(call, call.samples.jpeg, 'image/jpeg', { 'Content-Encoding': 'gzip' }),
  /** 64 MiB of zeros. */
  'gzip-bomb': (call) => answer(call, bomb(gzipSync), 'image/jpeg', { 'Content-Encoding': 'gzip' }),

  /** large/BYTES: a picture as long as that, with ranges and validators. */
  large: (call) => {
    const { request, response, samples } = call;
    const length = numberAt(call, 0, 16_000_000, 2 ** 40);
    const body = padJpeg(samples.jpeg, `Large: ${length}. `, length, samples);
    const file = { body, mime: 'image/jpeg', etag: `"large-${length}"`, datetime: 1_400_000_000 };
    serveBody(request, response, file, sendAtOnce);
  },
  /** What was asked, as JSON. */
  'echo-headers': (call) =>
    answer(call, JSON.stringify(call.request.headers), 'application/json', { 'Cache-Control': 'no-store' }),
};
