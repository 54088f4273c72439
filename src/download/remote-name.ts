import { decodeSegment, urlName } from '../core/url-name.ts';
import type { ResponseHead } from '../http/transfer.ts';

/**
 * The name that the server suggests (RFC 6266), else the last part of the address; without its
 * extension. Advice only, untrusted, and used where `--name` says `{remote}`.
 */
export function remoteName(head: ResponseHead): string {
  const suggested = fromDisposition(String(head.headers['content-disposition'] ?? ''));
  if (suggested === undefined) return urlName(head.url);
  return decodeSegment(suggested).replace(/\.[A-Za-z0-9]{1,5}$/, '');
}

function fromDisposition(header: string): string | undefined {
  const extended = /(?:^|[;\s])filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i.exec(header);
  if (extended !== null) return extended[1];
  const quoted = /(?:^|[;\s])filename\s*=\s*"((?:[^"\\]|\\.)*)"/i.exec(header);
  if (quoted !== null) return quoted[1]!.replace(/\\(.)/g, '$1');
  return /(?:^|[;\s])filename\s*=\s*([^;\s"]+)/i.exec(header)?.[1];
}
