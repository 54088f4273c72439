import { sendText } from '../send-text.ts';
import { BadArgument, type Fault, type FaultCall, good, numberAt } from './fault.ts';

const status = ({ response }: FaultCall, code: number, headers: Record<string, string | number> = {}): void =>
  sendText(response, code, `status ${code}\n`, headers);

function codeAt(call: FaultCall): number {
  const code = numberAt(call, 0, 503, 999);
  if (code < 200) throw new BadArgument(`'${code}' is not a final status`);
  return code;
}

/** Statuses, once, always or with Retry-After, and redirects. */
export const statusFaults: Record<string, Fault> = {
  /** status/CODE */
  status: (call) => status(call, codeAt(call)),
  /** status-then-ok/CODE/N: the first N requests of that very path. */
  'status-then-ok': (call) => (call.seen < numberAt(call, 1, 1) ? status(call, codeAt(call)) : good(call)),
  /** retry-after/SECONDS/N[/CODE] */
  'retry-after': (call) =>
    call.seen < numberAt(call, 1, Number.POSITIVE_INFINITY)
      ? status(call, numberAt(call, 2, 429, 599), { 'Retry-After': numberAt(call, 0, 1) })
      : good(call),
  /** retry-after-date/SECONDS/N: the same as a date. */
  'retry-after-date': (call) => {
    if (call.seen >= numberAt(call, 1, Number.POSITIVE_INFINITY)) return good(call);
    const date = new Date(Date.now() + numberAt(call, 0, 2, 10 ** 9) * 1000);
    status(call, 503, { 'Retry-After': date.toUTCString() });
  },
  /** retry-after-rubbish/N */
  'retry-after-rubbish': (call) =>
    call.seen < numberAt(call, 0, 1) ? status(call, 503, { 'Retry-After': 'soon, maybe' }) : good(call),

  /** redirect/N: so many hops, then the picture. */
  redirect: (call) => {
    const hops = numberAt(call, 0, 1, 1000);
    if (hops === 0) good(call);
    else status(call, 302, { Location: `/fault/redirect/${hops - 1}/picture.jpg` });
  },
  'redirect-loop': (call) => status(call, 301, { Location: `${call.url}${call.path}` }),
  /** redirect-grow: every hop's address and headers are longer. */
  'redirect-grow': (call) => {
    const size = Math.min(8000, numberAt(call, 0, 100) * 2);
    const padding = 'x'.repeat(size);
    status(call, 302, {
      Location: `/fault/redirect-grow/${size}/${padding.slice(0, 4000)}.jpg`,
      'Set-Cookie': `grow${size}=${padding.slice(0, 4000)}`,
    });
  },
  /** redirect-scheme/SCHEME: file, ftp, data, javascript. */
  'redirect-scheme': (call) => {
    const scheme = call.args[0] ?? 'file';
    const locations: Record<string, string> = {
      file: 'file:///etc/hostname',
      ftp: 'ftp://127.0.0.1/picture.jpg',
      data: 'data:image/gif;base64,R0lGODlhAQABAAAAACw=',
      javascript: 'javascript:alert(1)',
    };
    if (locations[scheme] === undefined) {
      throw new BadArgument(`'${scheme}' is not one of ${Object.keys(locations).join(', ')}`);
    }
    status(call, 302, { Location: locations[scheme] });
  },
  /** redirect-to?url=URL[&status=307] */
  'redirect-to': (call) => {
    const code = Number(call.query.get('status') ?? 302);
    if (![301, 302, 303, 307, 308].includes(code)) throw new BadArgument(`'${code}' is not a redirect`);
    status(call, code, { Location: call.query.get('url') ?? '/fault/ok/picture.jpg' });
  },
  'redirect-without-location': (call) => status(call, 302),
  'redirect-rubbish': (call) => status(call, 302, { Location: 'http://[' }),
  /** As Imgur does with images that are gone. */
  removed: (call) => status(call, 302, { Location: '/removed.png' }),
};
