import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { OriginStats } from '../../src/origin/stats.ts';
import type { Context } from '../case.ts';

export interface OriginProcess extends AsyncDisposable {
  /** Of every picture of its album, in their order. */
  pictures: string[];
  stats(): Promise<OriginStats>;
}

/** `gallop origin` with these parameters, as a process of its own; gone when it is disposed of. */
export async function startOrigin(
  { workspace, gallop }: Pick<Context, 'workspace' | 'gallop'>,
  parameters: string,
): Promise<OriginProcess> {
  const words = [...gallop, 'origin', parameters, '--json', '--quiet'];
  const { child, kill } = workspace.start({ words }, ['ignore', 'pipe', 'ignore']);
  const ended = once(child, 'exit');
  const stop = async () => {
    kill();
    await ended;
  };
  const lines = createInterface({ input: child.stdout! });
  const [line] = (await Promise.race([once(lines, 'line'), once(lines, 'close')])) as [string?];
  if (line === undefined) throw new Error(`gallop origin '${parameters}' does not start`);
  const { url, albumId } = JSON.parse(line) as { url: string; albumId: string };
  const headers = { Authorization: 'Client-ID bench' };
  const album = (await (await fetch(`${url}/3/album/${albumId}`, { headers })).json()) as {
    data: { images: { link: string }[] };
  };
  return {
    pictures: album.data.images.map(({ link }) => link),
    stats: async () => (await (await fetch(`${url}/stats`)).json()) as OriginStats,
    [Symbol.asyncDispose]: stop,
  };
}
