import { GallopError, isScarce, thrownText } from '../core/errors.ts';
import type { FailureCode } from '../core/failures.ts';
import { RequestError } from './request-error.ts';

type Class = [code: FailureCode, text: string, retryable?: boolean];

/** System and undici error codes, by what they mean for an item. */
const classes: Record<string, Class> = {
  ENOTFOUND: ['dns', 'no such host'],
  ENODATA: ['dns', 'no address for this host'],
  ETIMEOUT: ['dns', 'the name server did not answer', true],
  ESERVFAIL: ['dns', 'the name server failed', true],
  EREFUSED: ['dns', 'the name server refused to answer', true],
  EAI_AGAIN: ['dns', 'the name server did not answer', true],
  EAI_FAIL: ['dns', 'the name server failed', true],
  ECONNREFUSED: ['connect', 'connection refused'],
  EHOSTUNREACH: ['connect', 'host unreachable'],
  ENETUNREACH: ['connect', 'network unreachable'],
  ENETDOWN: ['connect', 'the network is down'],
  EADDRNOTAVAIL: ['connect', 'no local address or port left to connect from'],
  EFBIG: ['too-large', 'the disk takes no file so large'],
  ETIMEDOUT: ['connect', 'connection timed out'],
  UND_ERR_CONNECT_TIMEOUT: ['connect', 'connection timed out'],
  UND_ERR_PRX_TLS: ['tls', 'no secure connection to the proxy'],
  UND_ERR_PRX_CONN: ['connect', 'no connection through the proxy'],
  PROXY_407: ['connect', 'the proxy wants a name and a password: --proxy http://NAME:PASSWORD@HOST', false],
  UND_ERR_ABORTED: ['connect', 'the proxy refused the connection'],
  ECONNRESET: ['connection-lost', 'connection reset'],
  ECONNABORTED: ['connection-lost', 'connection aborted'],
  EPIPE: ['connection-lost', 'connection closed'],
  UND_ERR_SOCKET: ['connection-lost', 'the server closed the connection'],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['connection-lost', 'fewer bytes than the server announced'],
  UND_ERR_HEADERS_TIMEOUT: ['stalled', 'no answer'],
  UND_ERR_BODY_TIMEOUT: ['stalled', 'no more bytes'],
  UND_ERR_HEADERS_OVERFLOW: ['protocol', 'headers too large'],
  // What undici takes for granted of an answer: that its status is 100 or more.
  ERR_ASSERTION: ['protocol', 'not proper HTTP'],
  UND_ERR_INVALID_ARG: ['bad-url', 'this cannot be requested'],
};

const tlsCode = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|EPROTO)/;

/**
 * What an error of the connection or of the parser means. What has a meaning already (a `RequestError`,
 * or a `GallopError`, which ends the run) comes back as it is.
 */
export function classifyError(error: unknown, url: URL): RequestError | GallopError {
  if (error instanceof RequestError || error instanceof GallopError) return error;
  // Happy eyeballs reports every address that it tried: the first says it.
  const first = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
  if (first instanceof RequestError) return first;
  const text = thrownText(first);
  // undici has no code of its own for a proxy that wants a password.
  const code = /^proxy .*\(407\)/i.test(text)
    ? 'PROXY_407'
    : String((first as NodeJS.ErrnoException)?.code ?? '');
  if (isScarce(first)) {
    // Not tried again at once: only with less in flight, which is the strategy's to arrange.
    return new RequestError('too-many-files', `${url.host}: this machine has no more to give (${code})`, {
      cause: error,
      retryable: false,
    });
  }
  if (tlsCode.test(code)) {
    return new RequestError('tls', `${url.host}: no secure connection (${code})`, { cause: error });
  }
  // llhttp gives a reason; undici 8 drops its code.
  if (first instanceof Error && first.name === 'HTTPParserError') {
    const reason = /\(([^()]*)\)$/.exec(text)?.[1] ?? 'no reason given';
    // A body that breaks in its framing may have been damaged on the way: worth another try.
    const retryable = /\bchunk\b/i.test(reason);
    return new RequestError('protocol', `${url.host}: not proper HTTP (${reason})`, {
      cause: error,
      retryable,
    });
  }
  const known = Object.hasOwn(classes, code) ? classes[code] : undefined;
  if (known !== undefined) {
    const details = known[2] === undefined ? { cause: error } : { cause: error, retryable: known[2] };
    return new RequestError(known[0], `${url.host}: ${known[1]}`, details);
  }
  return new RequestError('internal', `${url.host}: ${text}`, { cause: error });
}
