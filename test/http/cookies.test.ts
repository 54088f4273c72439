import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readCookies } from '../../src/http/cookies.ts';
import { temporaryDirectory, testDownloads, workFor } from '../support/downloads.ts';
import { testServer } from '../support/raw-server.ts';
import { tinyJpeg } from '../support/tiny-pictures.ts';

function jarOf(...lines: string[]) {
  using directory = temporaryDirectory();
  const file = path.join(directory.path, 'cookies.txt');
  fs.writeFileSync(file, lines.join('\r\n'));
  return readCookies(file);
}

const line = (
  domain: string,
  subdomains: boolean,
  place: string,
  secure: boolean,
  expiry: number,
  pair: string,
) =>
  [domain, subdomains, place, secure, expiry, ...pair.split('=')]
    .map((field) => (typeof field === 'boolean' ? String(field).toUpperCase() : field))
    .join('\t');

describe('cookies of a file in the Netscape format', () => {
  const jar = jarOf(
    '# Netscape HTTP Cookie File',
    '',
    line('pictures.example', false, '/', false, 0, 'own=1'),
    line('.pictures.example', true, '/', false, 4_000_000_000, 'all=2'),
    line('pictures.example', false, '/albums', false, 0, 'deep=3'),
    line('pictures.example', false, '/', true, 0, 'safe=4'),
    line('pictures.example', false, '/', false, 1_000_000_000, 'old=5'),
    `#HttpOnly_${line('pictures.example', false, '/', false, 0, 'hidden=6')}`,
    `# ${line('pictures.example', false, '/', false, 0, 'comment=7')}`,
    line('pictures.example', false, '/', false, 0, 'empty='),
  );
  const sent = (url: string) => jar.getCookieStringSync(url).split('; ').sort();

  it('go to their host, over https the secure ones too, and not when they are over', () => {
    assert.deepEqual(sent('http://pictures.example/'), ['all=2', 'empty=', 'hidden=6', 'own=1']);
    assert.deepEqual(sent('https://pictures.example/'), ['all=2', 'empty=', 'hidden=6', 'own=1', 'safe=4']);
  });

  it('go to subdomains where the file says so', () => {
    assert.deepEqual(sent('http://i.pictures.example/'), ['all=2']);
  });

  it('go to the paths below theirs', () => {
    assert.ok(sent('http://pictures.example/albums/1').includes('deep=3'));
    assert.ok(!sent('http://pictures.example/albumsother').includes('deep=3'));
  });

  it('go nowhere else', () => {
    assert.deepEqual(sent('http://other.example/'), ['']);
    assert.deepEqual(sent('http://notpictures.example/'), ['']);
  });
});

it('a line that is no cookie is a UsageError that says which, and not what', () => {
  assert.throws(
    () => jarOf('# fine', 'session=secret; path=/'),
    (error: Error) => {
      assert.match(error.message, /line 2 has not seven fields/);
      assert.ok(!error.message.includes('secret'));
      return error.name === 'UsageError';
    },
  );
  assert.throws(() => readCookies('/nowhere/cookies.txt'), { name: 'UsageError' });
});

it('cookies are sent, and a header of the item goes before them', async () => {
  using directory = temporaryDirectory();
  const cookiesFile = path.join(directory.path, 'cookies.txt');
  fs.writeFileSync(cookiesFile, line('127.0.0.1', false, '/', false, 0, 'session=abc'));
  await using server = await testServer((_, response) => void response.end(tinyJpeg));
  await using downloads = await testDownloads({ cookiesFile });
  await downloads.downloader.download(workFor(server.url));
  await downloads.downloader.download(workFor(server.url, { headers: { Cookie: 'session=own' } }));
  await downloads.downloader.download(workFor(server.url.replace('127.0.0.1', 'localhost')));
  assert.deepEqual(
    server.requests.map(({ headers }) => headers.cookie),
    ['session=abc', 'session=own', undefined],
  );
});

it('a line that no request could be sent with is a UsageError that says which, and not what', () => {
  for (const bad of [
    line('not a host', false, '/', false, 0, 'a=secret'),
    line('١127.0.0.1', true, '/', false, 0, 'a=secret'),
    line('h.example', false, '/', false, 0, 'a=secret\x01'),
  ]) {
    assert.throws(
      () => jarOf(bad),
      (error: Error) =>
        error.name === 'UsageError' &&
        /line 1 holds/.test(error.message) &&
        !error.message.includes('secret'),
    );
  }
});

it('a time that no calendar has is no reason to forget a cookie', () => {
  assert.equal(
    jarOf(line('h.example', false, '/', false, 1e300, 'a=b')).getCookieStringSync('http://h.example/'),
    'a=b',
  );
});

it('a file with a byte order mark is read, and bytes beyond ASCII are sent as they stand in it', async () => {
  await using server = await testServer((_, response) => void response.end(tinyJpeg));
  using directory = temporaryDirectory();
  const cookiesFile = path.join(directory.path, 'cookies.txt');
  fs.writeFileSync(cookiesFile, `\ufeff# Netscape\n${line('127.0.0.1', false, '/', false, 0, 'a=b€')}\n`);
  await using downloads = await testDownloads({ cookiesFile });
  assert.equal((await downloads.downloader.download(workFor(server.url))).status, 'saved');
  assert.equal(Buffer.from(server.requests[0]!.headers.cookie!, 'latin1').toString(), 'a=b€');
});
