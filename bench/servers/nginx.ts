import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Tool } from '../tools.ts';
import type { Workspace } from '../workspace.ts';

export interface Nginx extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  url: string;
  /** Requests so far that are not its own. */
  requests(): Promise<number>;
}

/** How it is set up, for the reader of a table. */
export const nginxSettings =
  'nginx on 127.0.0.1 with one worker, sendfile, no access log, connections kept alive';

const statusPath = '/.nginx/status';
/** Below it everything is the same GIF of 43 bytes, from memory. */
export const tinyPath = '/tiny/';

/** Serves `root` on a free port; gone when it is disposed of. `address` is what it listens on. */
export async function startNginx(
  workspace: Workspace,
  { program }: Tool,
  root: string,
  address = '127.0.0.1',
): Promise<Nginx> {
  const port = await freePort(address);
  const url = `http://127.0.0.1:${port}`;
  const own = workspace.directory('nginx');
  mkdirSync(join(own, 'tmp'));
  const config = join(own, 'nginx.conf');
  writeFileSync(config, configuration(root, `${address}:${port}`));
  const { child, kill } = workspace.start({ words: [program, '-p', own, '-e', 'error.log', '-c', config] }, [
    'ignore',
    'ignore',
    'ignore',
  ]);
  const ended = once(child, 'exit');
  let asked = 0;
  const status = async (): Promise<number> => {
    const answer = await (await fetch(url + statusPath, { signal: AbortSignal.timeout(10_000) })).text();
    asked += 1;
    // Connections accepted and handled, requests.
    return Number(/(\d+)\s*$/.exec(answer.split('\n')[2]!)?.[1]) - asked;
  };
  await answers(
    () => status(),
    () => child.exitCode !== null,
  );
  return {
    url,
    requests: status,
    async [Symbol.asyncDispose]() {
      kill();
      await ended;
    },
  };
}

/** As root nginx would give its workers to a user who may not read what is here. */
const user = process.getuid?.() === 0 ? 'user root; ' : '';

/**
 * https://nginx.org/en/docs/ngx_core_module.html. No file is kept open, so that the limit of open files is not met;
 * everything that it writes is below its own directory.
 */
const configuration = (root: string, listen: string) => `
${user}daemon off; worker_processes 1; worker_rlimit_nofile 65536; pid nginx.pid;
events { worker_connections 16384; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
  types { image/jpeg jpg; }
  server {
    listen ${listen} backlog=4096; root ${root};
    location = ${statusPath} { stub_status; }
    location ${tinyPath} { empty_gif; }
  }
}
`;

/** One that was free a moment ago. */
async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(ask: () => Promise<unknown>, hasEnded: () => boolean): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await ask();
      return;
    } catch (error) {
      if (hasEnded() || tries > 500) throw new Error('nginx does not start', { cause: error });
      await sleep(10);
    }
  }
}
