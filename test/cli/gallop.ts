import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

/** What stands before the words of a command line. */
export const startWords = [
  '--disable-warning=ExperimentalWarning',
  fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url)),
];

export interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Started extends Disposable {
  child: ChildProcess;
  /** When it has ended. */
  result: Promise<Result>;
}

/** The command, in a process of its own, without the settings of whoever runs the tests. */
export function start(
  words: string[],
  { cwd, env = {}, input = '' }: { cwd?: string; env?: Record<string, string>; input?: string } = {},
): Started {
  const child = spawn(process.execPath, [...startWords, ...words], {
    cwd,
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8', NO_PROXY: '*', ...env },
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const result = Promise.all([
    once(child, 'close'),
    text(child.stdout).catch(() => ''),
    text(child.stderr),
  ]).then(([[code], stdout, stderr]) => ({ code: code as number | null, stdout, stderr }));
  return { child, result, [Symbol.dispose]: () => child.kill('SIGKILL') };
}

export const gallop = (...given: Parameters<typeof start>): Promise<Result> => start(...given).result;

/** The objects of `--json`. */
export const jsonLines = (stdout: string): Record<string, unknown>[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

export function scratchDirectory(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'gallop-cli-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export interface PictureHost extends AsyncDisposable {
  url: string;
  /** Paths asked for, in order. */
  requests: string[];
  picture: Buffer;
  /** Answers the requests that are held. */
  release(): void;
}

/** Serves one small picture under every `.jpg`, under `/held/` only when released, and 404 for the rest. */
export async function pictureHost(): Promise<PictureHost> {
  const picture = await sharp({ create: { width: 8, height: 6, channels: 3, background: '#c63' } })
    .jpeg()
    .toBuffer();
  const requests: string[] = [];
  const held: (() => void)[] = [];
  const server: Server = createServer(({ url = '' }, response) => {
    requests.push(url);
    const answer = () => response.end(found ? picture : 'no such picture');
    const found = url.endsWith('.jpg');
    response.writeHead(found ? 200 : 404, { 'content-type': found ? 'image/jpeg' : 'text/plain' });
    if (url.startsWith('/held/')) held.push(answer);
    else answer();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    picture,
    release: () => {
      for (const answer of held.splice(0)) answer();
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
