import { gzipSync } from 'node:zlib';
import {
  BadArgument,
  type Fault,
  type FaultCall,
  good,
  head,
  jpegHeaders,
  numberAt,
  rawAnswer,
  rawReset,
} from './fault.ts';
import { type Edition, isCurrent } from './validators.ts';

/** The beginning of the picture, with the validators that resuming needs, and the connection breaks. */
function breakOff(call: FaultCall, reset: boolean): void {
  const { jpeg } = call.samples;
  const start = head('200 OK', { ...jpegHeaders(call), 'Content-Length': jpeg.length });
  (reset ? rawReset : rawAnswer)(call, start, jpeg.subarray(0, call.breakAt));
}

/** Where the request wants to go on; 0 where it wants everything. */
const resumedAt = ({ request }: FaultCall): number =>
  Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);

/** Whether the request's If-Range, if any, is of that edition. */
const agrees = ({ request, validator }: FaultCall, edition: Edition = 1): boolean =>
  isCurrent(request.headers['if-range'] as string | undefined, validator, edition);

interface Part {
  /** What it is cut from. */
  of: Buffer;
  edition: Edition;
  start: number;
  end: number;
  total: number | '*';
  headers: Record<string, string | number>;
}

/** A 206 of what was asked for, but for what `different` says. */
function sendPart(call: FaultCall, different: Partial<Part> = {}): void {
  const of = different.of ?? call.samples.jpeg;
  const whole: Part = {
    of,
    edition: 1,
    start: resumedAt(call),
    end: of.length,
    total: of.length,
    headers: {},
  };
  const { edition, start, end, total, headers } = { ...whole, ...different };
  call.response.writeHead(206, {
    ...jpegHeaders(call, edition),
    'Content-Length': end - start,
    'Content-Range': `bytes ${start}-${end - 1}/${total}`,
    ...headers,
  });
  call.response.end(of.subarray(start, end));
}

/** What `resume-416` and `whole-then-416` say of the file: its size, and which edition it is, if anything. */
const refusedRanges: Record<string, { more: number; edition?: Edition }> = {
  same: { more: 0, edition: 1 },
  changed: { more: 0, edition: 2 },
  bare: { more: 0 },
  'other-size': { more: 1000, edition: 1 },
};

function refuseRange(call: FaultCall): void {
  const said = refusedRanges[call.args[0] ?? 'same'];
  if (said === undefined) throw new BadArgument(`choose one of ${Object.keys(refusedRanges).join(', ')}`);
  const validators = said.edition === undefined ? {} : jpegHeaders(call, said.edition);
  const size = call.samples.jpeg.length + said.more;
  call.response
    .writeHead(416, { ...validators, 'Content-Range': `bytes */${size}`, 'Content-Length': 0 })
    .end();
}

/** What a server does that keeps to the standard. */
function resumeWell(call: FaultCall): void {
  const at = resumedAt(call);
  if (at === 0 || !agrees(call)) good(call);
  else if (at >= call.samples.jpeg.length) refuseRange({ ...call, args: ['same'] });
  else sendPart(call);
}

/** Breaks the first answer off and answers the resuming request with `resume`; without a Range, well. */
const afterBreak =
  (resume: Fault): Fault =>
  (call) => {
    if (call.seen === 0) breakOff(call, false);
    else if (resumedAt(call) === 0) good(call);
    else resume(call);
  };

const refuse = ({ response }: FaultCall, status: number, body: string): void => {
  response.writeHead(status, { 'Content-Type': 'text/html', 'Content-Length': body.length }).end(body);
};

/**
 * What can go wrong when a broken download goes on. Each breaks the first answer off: where `at=` says, in
 * the middle else. `bytes=` makes the picture larger, `validator=` chooses what tells its editions apart.
 */
export const resumeFaults: Record<string, Fault> = {
  /** reset-then-ok/N: resets N times; goes on well where it is asked to. */
  'reset-then-ok': (call) => (call.seen < numberAt(call, 0, 1) ? breakOff(call, true) : resumeWell(call)),
  /** short-then-ok/N */
  'short-then-ok': (call) => (call.seen < numberAt(call, 0, 1) ? breakOff(call, false) : resumeWell(call)),
  /** resume-cut-again/N: goes on well, but N times only for half of what is missing. */
  'resume-cut-again': (call) => {
    const { jpeg } = call.samples;
    const at = resumedAt(call);
    const isCut = call.seen > 0 && call.seen <= numberAt(call, 0, 1) && at > 0 && at < jpeg.length;
    if (call.seen === 0) return breakOff(call, false);
    if (!isCut || !agrees(call)) return resumeWell(call);
    const headers = {
      ...jpegHeaders(call),
      'Content-Length': jpeg.length - at,
      'Content-Range': `bytes ${at}-${jpeg.length - 1}/${jpeg.length}`,
    };
    rawAnswer(call, head('206 Partial Content', headers), jpeg.subarray(at, (at + jpeg.length) >> 1));
  },

  /** Answers a Range with everything. */
  'resume-ignored': afterBreak((call) => good(call)),
  /** 206, but of other bytes than were asked for. */
  'resume-wrong-range': afterBreak((call) => sendPart(call, { start: 100 })),
  /** 206 from the right byte, but not to the end. */
  'resume-less': afterBreak((call) => sendPart(call, { end: call.samples.jpeg.length - 100 })),
  /** 206 of the right bytes, of a file that has grown. */
  'resume-wrong-total': afterBreak((call) => sendPart(call, { total: call.samples.jpeg.length + 1000 })),
  /** 206 that does not say how long the whole is. */
  'resume-unknown-total': afterBreak((call) => sendPart(call, { total: '*' })),
  /** 206 whose Content-Length and body end 100 bytes before its Content-Range does. */
  'resume-wrong-length': afterBreak((call) => {
    const { length } = call.samples.jpeg;
    const [start, end] = [resumedAt(call), length - 100];
    sendPart(call, { end, headers: { 'Content-Range': `bytes ${start}-${length - 1}/${length}` } });
  }),
  /** 206 without a Content-Range, though of the right bytes. */
  'resume-no-content-range': afterBreak((call) => {
    const rest = call.samples.jpeg.subarray(resumedAt(call));
    call.response.writeHead(206, { ...jpegHeaders(call), 'Content-Length': rest.length }).end(rest);
  }),
  /** 206 of one part in multipart/byteranges, which only several ranges may be answered with. */
  'resume-multipart': afterBreak((call) => {
    const { jpeg } = call.samples;
    const at = resumedAt(call);
    const range = `bytes ${at}-${jpeg.length - 1}/${jpeg.length}`;
    const body = Buffer.concat([
      Buffer.from(`--part\r\nContent-Type: image/jpeg\r\nContent-Range: ${range}\r\n\r\n`),
      jpeg.subarray(at),
      Buffer.from('\r\n--part--\r\n'),
    ]);
    const type = { 'Content-Type': 'multipart/byteranges; boundary=part', 'Content-Length': body.length };
    call.response.writeHead(206, { ...jpegHeaders(call), ...type }).end(body);
  }),
  /** 206 of the right bytes, compressed. */
  'resume-gzip': afterBreak((call) => {
    const { jpeg } = call.samples;
    const at = resumedAt(call);
    const body = gzipSync(jpeg.subarray(at));
    call.response.writeHead(206, {
      ...jpegHeaders(call),
      'Content-Encoding': 'gzip',
      'Content-Length': body.length,
      'Content-Range': `bytes ${at}-${jpeg.length - 1}/${jpeg.length}`,
    });
    call.response.end(body);
  }),
  /** 206 of the right bytes of another file of the same length, whatever If-Range said; its validators tell. */
  'resume-other-etag': afterBreak((call) => sendPart(call, { of: call.samples.otherJpeg, edition: 2 })),

  /** resume-416/KIND, in the middle: same, changed, bare, other-size. */
  'resume-416': afterBreak(refuseRange),
  /** whole-then-416/KIND: every byte, in chunks, but not the last, empty chunk; then 416. The same kinds. */
  'whole-then-416': (call) => {
    const { jpeg } = call.samples;
    if (call.seen > 0 && resumedAt(call) >= jpeg.length) return refuseRange(call);
    if (call.seen > 0) return resumeWell(call);
    const chunked = { ...jpegHeaders(call), 'Transfer-Encoding': 'chunked' };
    rawAnswer(call, head('200 OK', chunked), `${jpeg.length.toString(16)}\r\n`, jpeg, '\r\n');
  },
  /** The first answer promises twice the bytes and breaks off 1,000 bytes past what there is from then on. */
  'resume-shrunk': (call) => {
    const { jpeg, otherJpeg } = call.samples;
    if (call.seen === 0) {
      const long = head('200 OK', { ...jpegHeaders(call, 2), 'Content-Length': jpeg.length * 2 });
      return rawAnswer(call, long, jpeg, otherJpeg.subarray(0, 1000));
    }
    if (resumedAt(call) >= jpeg.length) refuseRange({ ...call, args: ['same'] });
    else resumeWell(call);
  },

  /** resume-status/CODE/N: the first N resuming requests. */
  'resume-status': (call) => {
    if (call.seen === 0) breakOff(call, false);
    else if (resumedAt(call) > 0 && call.seen <= numberAt(call, 1, 1)) {
      refuse(call, numberAt(call, 0, 503, 599), '<p>not now</p>');
    } else resumeWell(call);
  },
  'resume-404': afterBreak((call) => refuse(call, 404, '<p>not found</p>')),
  'resume-403': afterBreak((call) => refuse(call, 403, '<p>forbidden</p>')),
  'resume-html': afterBreak((call) => refuse(call, 200, '<p>please sign in</p>')),
  /** Leads to another host, which has the picture and serves no ranges. */
  'resume-redirected': afterBreak(({ response, url, query }) => {
    const other = url.replace('//127.0.0.1:', '//localhost:');
    response
      .writeHead(302, { Location: `${other}/fault/ok/picture.jpg?${query}`, 'Content-Length': 0 })
      .end();
  }),
  /** The file was replaced by another of the same length; If-Range tells. */
  'resume-changed': (call) => {
    if (call.seen === 0) return breakOff(call, false);
    const { otherJpeg } = call.samples;
    if (resumedAt(call) > 0 && agrees(call, 2)) {
      return sendPart(call, { of: otherJpeg, edition: 2 });
    }
    call.response.writeHead(200, { ...jpegHeaders(call, 2), 'Content-Length': otherJpeg.length });
    call.response.end(otherJpeg);
  },
};
