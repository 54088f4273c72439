import { describeOther, type Format } from './formats.ts';

/** Endings that systems run, install, or open in a browser with its rights, at a click; and with macros. */
export const dangerous: ReadonlySet<string> = new Set([
  'exe',
  'com',
  'msi',
  'app',
  'lnk',
  'alias',
  'html',
  'xhtml',
  'svg',
  'xml',
  'swf',
  'jar',
  'class',
  'wasm',
  'chm',
  'crx',
  'xpi',
  'docm',
  'dotm',
  'xlsm',
  'xltm',
  'pptm',
  'potm',
  'ppsm',
  'elf',
  'macho',
  'apk',
  'deb',
  'rpm',
  'reg',
]);

/** The format of what is neither a picture nor a video (`--any-type`), by its bytes alone. */
export async function otherFormat(head: Buffer): Promise<Format> {
  // Loaded when used: most runs never are.
  const { fileTypeFromBuffer } = await import('file-type');
  const type = await fileTypeFromBuffer(head).catch(() => undefined);
  if (type !== undefined && !dangerous.has(type.ext)) return { ext: type.ext, mime: type.mime };
  if (type !== undefined) return { ext: 'bin', mime: 'application/octet-stream' };
  const what = describeOther(head);
  if (what === 'JSON') return { ext: 'json', mime: 'application/json' };
  if (what === 'another kind of file') return { ext: 'bin', mime: 'application/octet-stream' };
  return { ext: 'txt', mime: 'text/plain' };
}
