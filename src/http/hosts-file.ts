import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { WatchedFile } from './watched-file.ts';

const ofThisSystem =
  process.platform === 'win32'
    ? `${process.env.SystemRoot ?? 'C:\\Windows'}\\System32\\drivers\\etc\\hosts`
    : '/etc/hosts';

/** Lists of blocked hosts have a few megabytes. */
const maxBytes = 16 * 1024 * 1024;
const maxLineLength = 8 * 1024;

/**
 * The addresses that the machine's own hosts file has for a name (hosts(5)), those of all its lines, in their
 * order. Searched as text: a map of a list of blocked hosts would take more memory than a run.
 */
export class HostsFile {
  readonly #file = new WatchedFile(ofThisSystem, maxBytes);

  /** `name` in lower case, without a dot at its end. Empty where the file does not have it. */
  find(name: string): LookupAddress[] {
    const { text } = this.#file;
    const found: LookupAddress[] = [];
    for (let at = text.indexOf(name), end = 0; at !== -1; at = text.indexOf(name, end)) {
      const begin = text.lastIndexOf('\n', at) + 1;
      const nextLine = text.indexOf('\n', at);
      end = nextLine === -1 ? text.length : nextLine;
      const line = text.slice(begin, Math.min(end, begin + maxLineLength));
      const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
      const family = isIP(address);
      if (family !== 0 && names.includes(name)) found.push({ address, family });
    }
    return found;
  }
}
