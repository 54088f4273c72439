import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { type DownloadOptions, download, race, verify } from '../../src/index.ts';
import { pictureServer } from '../support/picture-server.ts';
import { scratch } from '../support/scratch.ts';

const secrets = {
  inUrl: 's3cretInUrl',
  header: 's3cretHeader',
  cookie: 's3cretCookie',
  clientId: 's3cretClientId',
  clientSecret: 's3cretClientSecret',
};

/** Everything that something under way says: its events, and its result or error with all causes. */
async function said(run: AsyncIterable<unknown> & { summary: Promise<unknown> }): Promise<string> {
  const all: unknown[] = [];
  try {
    for await (const event of run) all.push(event);
    all.push(await run.summary);
  } catch (error) {
    all.push(error);
  }
  return inspect(all, { depth: Infinity, maxArrayLength: null, maxStringLength: null, showHidden: true });
}

/** The bytes of every file below, the journal's too. */
const written = (dir: string): [file: string, bytes: string][] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name), 'latin1')]);

test('secrets go to the server, and into nothing that is said or written', async () => {
  using work = scratch();
  const received: string[] = [];
  await using server = await pictureServer((_, response) => {
    received.push(inspect(response.req.headers));
    return false;
  });
  const withUser = server.url.replace('//', `//user:${secrets.inUrl}@`);
  const cookiesFile = join(work.path, 'cookies.txt');
  writeFileSync(cookiesFile, `127.0.0.1\tFALSE\t/\tFALSE\t0\tsession\t${secrets.cookie}\n`);
  const input = join(work.path, 'list.txt');
  writeFileSync(
    input,
    `${withUser}/500/b.jpg\n${withUser}/gone.jpg\nhttp://user:${secrets.inUrl}@[bad/c.jpg\n`,
  );
  const out = join(work.path, 'out');
  const options: DownloadOptions = {
    cookiesFile,
    headers: { 'x-token': secrets.header },
    environment: { ...process.env, CLIENT_ID: secrets.clientId, CLIENT_SECRET: secrets.clientSecret },
    imgurApi: server.url,
    info: true,
    retries: 0,
    name: '{name}.{ext}',
  };
  const things: string[] = [];
  for (const strategy of ['async', 'processes'] as const) {
    const dir = join(out, strategy);
    const failedFile = join(out, `${strategy}.failed`);
    const given = { ...options, strategy, dir, workers: 1 };
    // The directory of the list of failures is there from now on.
    things.push(await said(download(`${withUser}/500/a.jpg`, given)));
    things.push(await said(download([`${withUser}/500/c.jpg`], { ...given, input, failedFile })));
    things.push(await said(download('imgur:abcdefg', given)));
    things.push(await said(verify(dir)));
  }
  const reportFile = join(out, 'race.html');
  const racing = { ...options, dir: join(out, 'race'), strategies: ['async' as const], reportFile };
  things.push(await said(race(`${withUser}/500/a.jpg`, racing)));

  const sent = received.join('\n');
  for (const secret of [
    `Basic ${btoa(`user:${secrets.inUrl}`)}`,
    secrets.header,
    secrets.cookie,
    secrets.clientId,
  ]) {
    assert.ok(sent.includes(secret), `the server was not sent ${secret}`);
  }
  assert.match(things.join('\n'), /event: 'start'.*event: 'race'/s);
  const files = written(out);
  for (const name of [
    'journal.db',
    'a.jpg.json',
    'async.failed',
    'processes.failed',
    'race.html',
    'race.svg',
  ]) {
    assert.ok(
      files.some(([file]) => file === name),
      name,
    );
  }
  for (const [where, text] of [...things.entries(), ...files]) {
    assert.doesNotMatch(text, /s3cret/, String(where));
    assert.ok(!text.includes(btoa(`user:${secrets.inUrl}`)), String(where));
  }
});
