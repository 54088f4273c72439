import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseOriginOptions } from '../../src/origin/options.ts';
import type { OriginMessage } from '../../src/origin/origin-process.ts';
import type { OriginStats } from '../../src/origin/stats.ts';

const entry = fileURLToPath(new URL('../../src/origin/origin-process.ts', import.meta.url));
/** Linux: USER_HZ, of which the times in /proc are multiples. */
const ticksPerSecond = 100;

/** The embedded origin as a process of its own, whose processor time can be told. */
export class EmulatedOrigin {
  readonly links: string[];
  readonly #url: string;
  readonly #pid: number;
  readonly #kill: () => void;

  private constructor(url: string, links: string[], pid: number, kill: () => void) {
    this.#url = url;
    this.links = links;
    this.#pid = pid;
    this.#kill = kill;
  }

  /** `query` is what stands after `demo:`. */
  static async start(query: string): Promise<EmulatedOrigin> {
    const child = fork(entry, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    child.send(parseOriginOptions(query));
    const [message] = (await once(child, 'message')) as [OriginMessage];
    if ('error' in message) throw new Error(message.error.message);
    const answer = await fetch(`${message.url}/3/album/${message.albumId}/images`, {
      headers: { Authorization: 'Client-ID bench' },
    });
    const { data } = (await answer.json()) as { data: { link: string }[] };
    const links = data.map(({ link }) => link);
    return new EmulatedOrigin(message.url, links, child.pid!, () => child.kill('SIGKILL'));
  }

  /** Nothing was asked of it so far. */
  async reset(): Promise<void> {
    const { status } = await fetch(`${this.#url}/reset`, { method: 'POST' });
    if (status !== 204) throw new Error(`the origin answered ${status} to /reset`);
  }

  async stats(): Promise<OriginStats> {
    return (await (await fetch(`${this.#url}/stats`)).json()) as OriginStats;
  }

  /** Since its start; 0 where there is no /proc. */
  cpuSeconds(): number {
    try {
      const fields = readFileSync(`/proc/${this.#pid}/stat`, 'latin1')
        .replace(/^.*\) /, '')
        .split(' ');
      return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
    } catch {
      return 0;
    }
  }

  close(): void {
    this.#kill();
  }
}
