import {
  type Fault,
  type FaultCall,
  good,
  head,
  numberAt,
  rawAnswer,
  rawReset,
  sampleEtag,
  sampleModified,
} from './fault.ts';

const validators = { ETag: sampleEtag, 'Last-Modified': sampleModified, 'Accept-Ranges': 'bytes' };
const headers = { 'Content-Type': 'image/jpeg', ...validators };

/** Half of the picture, with the validators that resuming needs, and the connection breaks. */
function breakOff(call: FaultCall, reset: boolean): void {
  const { jpeg } = call.samples;
  const start = head('200 OK', { ...headers, 'Content-Length': jpeg.length });
  (reset ? rawReset : rawAnswer)(call, start, jpeg.subarray(0, jpeg.length >> 1));
}

/** Where the request wants to go on; 0 where it wants everything. */
const resumedAt = ({ request }: FaultCall): number =>
  Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);

/** What a server does that keeps to the standard. */
function resumeWell(call: FaultCall): void {
  const { jpeg } = call.samples;
  const [at, condition] = [resumedAt(call), call.request.headers['if-range']];
  if (at === 0 || (condition !== undefined && condition !== sampleEtag && condition !== sampleModified)) {
    good(call);
    return;
  }
  if (at >= jpeg.length) {
    call.response.writeHead(416, { 'Content-Range': `bytes */${jpeg.length}` }).end();
    return;
  }
  call.response.writeHead(206, {
    ...headers,
    'Content-Length': jpeg.length - at,
    'Content-Range': `bytes ${at}-${jpeg.length - 1}/${jpeg.length}`,
  });
  call.response.end(jpeg.subarray(at));
}

/** Breaks the first answer off and answers the resuming request with `resume`; without a Range, well. */
const afterBreak =
  (resume: Fault): Fault =>
  (call) => {
    if (call.seen === 0) breakOff(call, true);
    else if (resumedAt(call) === 0) good(call);
    else resume(call);
  };

const refusal = (status: number, body: string, type = 'text/html'): Fault =>
  afterBreak(({ response }) => {
    response.writeHead(status, { 'Content-Type': type, 'Content-Length': body.length }).end(body);
  });

/** What can go wrong when a broken download goes on. Each breaks the first answer off in the middle. */
export const resumeFaults: Record<string, Fault> = {
  /** reset-then-ok/N: resets N times; goes on well where it is asked to. */
  'reset-then-ok': (call) => (call.seen < numberAt(call, 0, 1) ? breakOff(call, true) : resumeWell(call)),
  /** short-then-ok/N */
  'short-then-ok': (call) => (call.seen < numberAt(call, 0, 1) ? breakOff(call, false) : resumeWell(call)),
  /** Answers a Range with everything. */
  'resume-ignored': afterBreak((call) => good(call)),
  /** 206, but of other bytes than were asked for. */
  'resume-wrong-range': afterBreak(({ response, samples: { jpeg } }) => {
    response.writeHead(206, {
      ...headers,
      'Content-Length': jpeg.length - 100,
      'Content-Range': `bytes 100-${jpeg.length - 1}/${jpeg.length}`,
    });
    response.end(jpeg.subarray(100));
  }),
  /** 206 of the right bytes, of a file that has grown. */
  'resume-wrong-total': afterBreak((call) => {
    const { jpeg } = call.samples;
    const at = resumedAt(call);
    call.response.writeHead(206, {
      ...headers,
      'Content-Length': jpeg.length - at,
      'Content-Range': `bytes ${at}-${jpeg.length - 1}/${jpeg.length + 1000}`,
    });
    call.response.end(jpeg.subarray(at));
  }),
  'resume-416': afterBreak(({ response, samples }) => {
    response.writeHead(416, { 'Content-Range': `bytes */${samples.jpeg.length}`, 'Content-Length': 0 }).end();
  }),
  'resume-404': refusal(404, '<p>not found</p>'),
  'resume-403': refusal(403, '<p>forbidden</p>'),
  'resume-html': refusal(200, '<p>please sign in</p>'),
  /** The file was replaced by another of the same length; If-Range tells. */
  'resume-changed': (call) => {
    if (call.seen === 0) return breakOff(call, true);
    const { otherJpeg } = call.samples;
    const changed = { 'Content-Type': 'image/jpeg', ETag: '"sample-2"', 'Accept-Ranges': 'bytes' };
    const at = call.request.headers['if-range'] === undefined ? resumedAt(call) : 0;
    const part =
      at === 0 ? {} : { 'Content-Range': `bytes ${at}-${otherJpeg.length - 1}/${otherJpeg.length}` };
    call.response.writeHead(at === 0 ? 200 : 206, {
      ...changed,
      ...part,
      'Content-Length': otherJpeg.length - at,
    });
    call.response.end(otherJpeg.subarray(at));
  },
};
