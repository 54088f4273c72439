import { hash } from 'node:crypto';
import { safeSegment, stemBytes } from './safe-name.ts';

/** What is known of a file only when its bytes are there. */
export interface Finish {
  /** Of the bytes, without a dot: `jpg`. */
  ext: string;
  /** Lower-case hex. */
  sha256: string;
  /** The server's name for the file, without its extension, or the URL's where it gave none. Untrusted. */
  remote?: string | null;
}

/** The placeholders that stay open in a `Work.target`. */
export const openPlaceholder = /\{(ext|sha256|remote)\}/g;

/** In place of `{ext}` in a data set, which has files of its own beside each: `.json` and `.txt`. */
export const memberPlaceholder = '{member}';

/** What comes from outside must not look like a placeholder. */
export function withoutBraces(text: string): string {
  return text.replaceAll('{', '(').replaceAll('}', ')');
}

/** Fills in what is still open in a target: the file's final path, relative to the destination, with `/`. */
export function finishTarget(target: string, { ext, sha256, remote }: Finish): string {
  const known = /^[a-z0-9]{1,10}$/.test(ext) ? ext : 'bin';
  const member = known === 'json' || known === 'txt' ? `file.${known}` : known;
  const bare = target
    .replaceAll('{ext}', known)
    .replaceAll(memberPlaceholder, member)
    .replaceAll('{sha256}', sha256);
  if (!bare.includes('{remote}')) return bare;
  const name = withoutBraces(remote ?? '');
  return bare
    .split('/')
    .map((segment) => {
      if (!segment.includes('{remote}')) return segment;
      const room = Math.max(16, stemBytes - Buffer.byteLength(segment.replaceAll('{remote}', '')));
      const filled = segment.replaceAll('{remote}', () => safeSegment(name, room));
      return safeSegment(filled, stemBytes + 40);
    })
    .join('/');
}

/**
 * A target, open or finished, with a suffix before its extension that depends on the item's key alone: the
 * same on every run.
 */
export function suffixed(target: string, key: string): string {
  const dot = target.lastIndexOf('.');
  const end = dot > target.lastIndexOf('/') ? dot : target.length;
  return `${target.slice(0, end)}~${hash('sha256', key).slice(0, 8)}${target.slice(end)}`;
}
