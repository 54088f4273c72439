import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { download } from '../../src/index.ts';
import { needs } from '../support/needs.ts';
import { pictureServer } from '../support/picture-server.ts';
import { filesIn, scratch, until } from '../support/scratch.ts';

const entry = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const skip = needs(process.platform !== 'win32', 'no named pipes');

function namedPipe(dir: string): string {
  const pipe = join(dir, 'pipe');
  execFileSync('mkfifo', [pipe]);
  return pipe;
}

describe('a named pipe as a list', { skip }, () => {
  for (const words of [[], ['--output', 'parquet']]) {
    it(`that nobody writes is left with one signal ${words.join(' ')}`, { timeout: 20_000 }, async () => {
      using work = scratch();
      const all = [entry, '-i', namedPipe(work.path), '-d', join(work.path, 'set'), ...words];
      const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...all]);
      try {
        const ended = once(child, 'exit');
        let said = '';
        child.stderr.on('data', (text) => {
          said += text;
        });
        // By then it listens to signals.
        await until(() => existsSync(join(work.path, 'set')));
        child.kill('SIGTERM');
        assert.deepEqual(await ended, [130, null], said);
      } finally {
        child.kill('SIGKILL');
      }
    });
  }

  it('is read as it is written, to its end', { timeout: 20_000 }, async () => {
    using work = scratch();
    await using server = await pictureServer();
    const pipe = namedPipe(work.path);
    const options = { input: [pipe], dir: join(work.path, 'set'), strategy: 'async' } as const;
    const running = download([], options);
    const writer = createWriteStream(pipe);
    writer.write(`${server.url}/900/a.jpg\n`);
    for await (const { event } of running) {
      if (event === 'outcome' && !writer.writableEnded) writer.end(`${server.url}/900/b.jpg\n`);
    }
    assert.equal((await running.summary).saved, 2);
    assert.equal(filesIn(options.dir).length, 2);
  });
});

it('a silent stream is left by a run that is stopped just as it is first read', {
  timeout: 20_000,
}, async () => {
  using work = scratch();
  const stop = new AbortController();
  const silent = new PassThrough();
  silent.on('newListener', (event) => event === 'readable' && stop.abort());
  const options = { input: ['-'], dir: work.path, stdin: silent, signal: stop.signal } as const;
  assert.equal((await download([], options).summary).exitCode, 130);
});
