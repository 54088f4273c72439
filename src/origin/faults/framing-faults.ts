import { wireOf } from '../tls-listener.ts';
import {
  BadArgument,
  type Fault,
  type FaultCall,
  good,
  head,
  jpegHeaders,
  numberAt,
  pour,
  rawAnswer,
  rawCut,
  rawReset,
  rawSilence,
} from './fault.ts';

const jpeg = { 'Content-Type': 'image/jpeg' };
const chunked = { ...jpeg, 'Transfer-Encoding': 'chunked' };

const half = ({ samples }: FaultCall): Buffer => samples.jpeg.subarray(0, samples.jpeg.length >> 1);
const rest = ({ samples }: FaultCall): Buffer => samples.jpeg.subarray(samples.jpeg.length >> 1);
const whole = ({ samples }: FaultCall): number => samples.jpeg.length;

/** The headers of the whole picture, and the bytes until it breaks off. */
const begun = (call: FaultCall, headers: Record<string, string> = {}): [string, Buffer] => [
  head('200 OK', { ...jpegHeaders(call), 'Content-Length': whole(call), ...headers }),
  call.samples.jpeg.subarray(0, call.breakAt),
];

const chunk = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);

const zeros = Buffer.alloc(64 * 1024);
const endless = (call: FaultCall, piece: Buffer, start: (string | Buffer)[]) => {
  let first: Buffer | undefined = Buffer.concat(start.map((part) => Buffer.from(part)));
  pour(call.socket, () => {
    const bytes = first ?? piece;
    first = undefined;
    return bytes;
  });
};

const badLengths: Record<string, string> = {
  negative: '-1',
  rubbish: 'many',
  'out-of-range': '99999999999999999999999',
  hex: '0x100',
  plus: '+100',
};

/** What can be wrong between the connection and the last byte of the body. Written past the HTTP server. */
export const framingFaults: Record<string, Fault> = {
  /** Content-Length says more than comes. */
  short: (call) => rawAnswer(call, ...begun(call, { Connection: 'close' })),
  reset: (call) => rawReset(call, ...begun(call)),
  /** Over TLS without its close_notify; without TLS the same as `short`. */
  cut: (call) => rawCut(call, ...begun(call)),
  'close-before-headers': ({ socket }) => socket.end(),
  'reset-before-headers': ({ socket }) => wireOf(socket).resetAndDestroy(),
  /** Half of the headers, then the end. */
  'headers-cut': (call) => rawAnswer(call, 'HTTP/1.1 200 OK\r\nContent-Type: image/jp'),
  'headers-then-end': (call) => rawAnswer(call, head('200 OK', { ...jpeg, 'Content-Length': whole(call) })),
  'continue-then-end': (call) => rawAnswer(call, head('100 Continue')),
  'early-hints': (call) => {
    call.socket.write(head('103 Early Hints', { Link: '</removed.png>; rel=preload' }));
    good(call);
  },
  'stall-headers': (call) => rawSilence(call),
  'stall-body': (call) => rawSilence(call, ...begun(call)),
  /** trickle[/BYTES]: so many bytes a second, one unless told otherwise. */
  trickle: (call) => {
    const { socket, samples } = call;
    const step = Math.max(1, numberAt(call, 0, 1, 1e6));
    socket.write(head('200 OK', { ...jpeg, 'Content-Length': whole(call) }));
    let at = 0;
    const timer = setInterval(() => {
      socket.write(samples.jpeg.subarray(at, at + step));
      at += step;
      if (at >= samples.jpeg.length) clearInterval(timer);
    }, 1000);
    socket.once('close', () => clearInterval(timer));
  },
  /** slow/MS: well, but only after so many milliseconds. */
  slow: (call) => {
    const timer = setTimeout(() => good(call), numberAt(call, 0, 1000, 600_000));
    call.socket.once('close', () => clearTimeout(timer));
  },

  'not-http': (call) => rawAnswer(call, '\x16\x03\x01\x02\0\x01\0 this is not HTTP\r\n\r\n'),
  'bad-status-line': (call) => rawAnswer(call, 'HTTP/1.1 2OO Fine\r\n\r\n'),
  'nul-header': (call) => rawAnswer(call, 'HTTP/1.1 200 OK\r\nX-Evil: a\0b\r\nContent-Length: 0\r\n\r\n'),
  'lone-cr': (call) =>
    rawAnswer(call, 'HTTP/1.1 200 OK\r\nX-Evil: a\rSet-Cookie: b\r\nContent-Length: 0\r\n\r\n'),
  /** big-headers/BYTES */
  'big-headers': (call) => {
    let left = numberAt(call, 0, 128 * 1024, 2 ** 30);
    let first: Buffer | undefined = Buffer.from('HTTP/1.1 200 OK\r\nX-Big: ');
    pour(call.socket, () => {
      const bytes = first ?? Buffer.alloc(Math.min(left, 65_536), 'x');
      if (first === undefined) left -= bytes.length;
      first = undefined;
      return bytes.length === 0 ? undefined : bytes;
    });
  },
  /** many-headers/N */
  'many-headers': (call) => {
    const names = Array.from({ length: numberAt(call, 0, 2000, 100_000) }, (_, i) => `X-${i}: ${i}\r\n`);
    const length = `Content-Length: ${whole(call)}\r\n\r\n`;
    rawAnswer(call, 'HTTP/1.1 200 OK\r\n', names.join(''), length, call.samples.jpeg);
  },

  /** bad-length/KIND: negative, rubbish, out-of-range, hex, plus. */
  'bad-length': (call) => {
    const value = badLengths[call.args[0] ?? 'negative'];
    if (value === undefined) throw new BadArgument(`choose one of ${Object.keys(badLengths).join(', ')}`);
    rawAnswer(call, head('200 OK', { ...jpeg, 'Content-Length': value }), call.samples.jpeg);
  },
  'two-lengths': (call) =>
    rawAnswer(
      call,
      head('200 OK', { 'Content-Length': whole(call), 'content-length': whole(call) - 10 }),
      call.samples.jpeg,
    ),
  'length-and-chunked': (call) =>
    rawAnswer(
      call,
      head('200 OK', { ...chunked, 'Content-Length': 10 }),
      chunk(call.samples.jpeg),
      '0\r\n\r\n',
    ),
  /** Nothing wrong with it. */
  chunked: (call) => {
    call.response.writeHead(200, jpeg);
    call.response.write(half(call));
    call.response.end(rest(call));
  },
  'chunked-without-end': (call) => rawAnswer(call, head('200 OK', chunked), chunk(call.samples.jpeg)),
  'bad-chunk': (call) =>
    rawAnswer(call, head('200 OK', chunked), chunk(half(call)), 'zz\r\n', rest(call), '\r\n0\r\n\r\n'),
  'chunk-overflow': (call) =>
    rawAnswer(call, head('200 OK', chunked), 'ffffffffffffffffff\r\n', call.samples.jpeg, '\r\n0\r\n\r\n'),
  /** A chunk that is longer than it says. */
  'chunk-mismatch': (call) =>
    rawAnswer(call, head('200 OK', chunked), '10\r\n', call.samples.jpeg, '\r\n0\r\n\r\n'),
  /** Ends where the connection does: allowed, though old. */
  'no-length': (call) => rawAnswer(call, head('200 OK', { ...jpeg, Connection: 'close' }), call.samples.jpeg),
  /** The same, over TLS without its close_notify: only the picture tells that it is whole. */
  'no-length-unclean': (call) =>
    rawCut(call, head('200 OK', { ...jpeg, Connection: 'close' }), call.samples.jpeg),
  'no-length-cut-unclean': (call) =>
    rawCut(call, head('200 OK', { ...jpeg, Connection: 'close' }), half(call)),
  'no-length-cut': (call) => rawAnswer(call, head('200 OK', { ...jpeg, Connection: 'close' }), half(call)),

  endless: (call) =>
    endless(call, zeros, [
      head('200 OK', { ...jpeg, Connection: 'close' }),
      call.samples.jpeg.subarray(0, 1000),
    ]),
  'endless-chunked': (call) =>
    endless(call, chunk(zeros), [head('200 OK', chunked), chunk(call.samples.jpeg.subarray(0, 1000))]),
  /** huge/BYTES: says so, and sends until nobody listens. */
  huge: (call) =>
    endless(call, zeros, [
      head('200 OK', { ...jpeg, 'Content-Length': numberAt(call, 0, 1e15) }),
      call.samples.jpeg.subarray(0, 1000),
    ]),
  /** More than Content-Length says. */
  long: (call) =>
    rawAnswer(
      call,
      head('200 OK', { ...jpeg, 'Content-Length': whole(call) }),
      call.samples.jpeg,
      'HTTP/1.1 surplus',
    ),
};
