import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { needs } from '../support/needs.ts';
import { startWords, scratchDirectory as temporary } from './gallop.ts';

/** Says on stderr which modules are loaded. */
const tellLoaded = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  import { writeSync } from 'node:fs';
  registerHooks({ resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    writeSync(2, 'loaded ' + resolved.url + '\\n');
    return resolved;
  } });
`)}`;

function run(words: string[], env: Record<string, string>, nodeWords: string[] = []) {
  return spawnSync(process.execPath, [...nodeWords, ...startWords, ...words], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8', ...env },
  });
}

function loadedBy(words: string[]): string[] {
  const env = { NODE_DISABLE_COMPILE_CACHE: '1' };
  const { status, stderr } = run(words, env, ['--import', tellLoaded]);
  assert.equal(status, 0, stderr);
  return Array.from(stderr.matchAll(/^loaded (.*)$/gm), ([, url]) => url!);
}

test('a list of addresses is listed without what only downloads need', () => {
  using directory = temporary();
  const file = join(directory.path, 'list.txt');
  writeFileSync(file, 'http://127.0.0.1:9/a.jpg\nhttps://i.imgur.com/abcdefg.jpg\n');
  const loaded = loadedBy(['list', '-i', file, '-d', directory.path]);
  assert.ok(
    loaded.some((url) => url.includes('/sources/list.')),
    'the hook saw nothing',
  );
  const heavy =
    /node_modules\/(undici|sharp|tough-cookie|file-type|image-size)\/|^node:(sqlite|zlib|http2?)$|\/imgur-api\./;
  assert.deepEqual(
    loaded.filter((url) => heavy.test(url)),
    [],
  );
});

test('--version loads next to nothing', () => {
  assert.ok(loadedBy(['--version']).length < 5);
});

test('what was compiled is kept in the directory for caches, where it can be written', {
  skip: needs(process.platform !== 'win32', 'Windows has another place for caches'),
}, () => {
  using directory = temporary();
  const cache = join(directory.path, 'cache');
  assert.equal(run(['--help'], { XDG_CACHE_HOME: cache }).status, 0);
  assert.notDeepEqual(readdirSync(join(cache, 'gallop', 'compiled')), []);

  const file = join(directory.path, 'a file');
  writeFileSync(file, 'as it was');
  const { status, stderr } = run(['--help'], { XDG_CACHE_HOME: file });
  assert.deepEqual([status, stderr, readFileSync(file, 'utf8')], [0, '', 'as it was']);

  const other = join(directory.path, 'other');
  run(['--help'], { XDG_CACHE_HOME: other, NODE_DISABLE_COMPILE_CACHE: '1' });
  assert.equal(existsSync(other), false);
});
