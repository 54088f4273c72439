import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runOptions } from '../../src/index.ts';
import { needs } from '../support/needs.ts';
import { gallop } from './gallop.ts';

const root = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const { version } = JSON.parse(readFileSync(root('package.json'), 'utf8'));

test('--version is the version and nothing else', async () => {
  assert.deepEqual(await gallop(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' });
});

test('no arguments: help on stderr, exit 2', async () => {
  const { code, stdout, stderr } = await gallop([]);
  assert.equal(code, 2);
  assert.equal(stdout, '');
  assert.match(stderr, /^Usage: gallop <source\.\.\.>/);
});

test('help names every option with its default, keeps to the width and exits 0', async () => {
  const commands = ['get', 'race', 'list', 'verify', 'report', 'origin'];
  const asked = [['--help'], ['help', 'get'], ...commands.map((name) => [name, '--help'])];
  const results = await Promise.all(asked.map((words) => gallop(words, { env: { COLUMNS: '66' } })));
  for (const [index, { code, stdout, stderr }] of results.entries()) {
    assert.deepEqual([code, stderr], [0, ''], String(asked[index]));
    for (const line of stdout.split('\n')) assert.ok(line.length <= 66, `${asked[index]}: ${line}`);
    assert.match(stdout, /gallop .*demo:|Examples:/);
  }
  const { stdout } = await gallop(['get', '--help'], { env: { COLUMNS: '200' } });
  for (const { flags, help } of runOptions) {
    assert.ok(stdout.includes(`${flags} `), flags);
    assert.ok(stdout.includes(help.slice(0, 30)), help);
  }
  assert.match(stdout, /--timeout <time> .*\(default: 5m\)/);
  assert.doesNotMatch(stdout, /^More:/m, 'every option has a group');
});

test('a misspelt flag, command or value gets one clear line, what would be right, and exit 2', async () => {
  for (const [words, said] of [
    [
      ['http://x/a.jpg', '--concurency', '3'],
      /^gallop: unknown option '--concurency'\n {2}did you mean --concurrency\?/,
    ],
    [['rcae', 'demo:'], /^gallop: unknown command 'rcae'\n {2}did you mean race\?/],
    [
      ['-c', 'many', 'http://x/a.jpg'],
      /^gallop: --concurrency: 'many' must be a whole number from 1 to 10000\n$/,
    ],
    [
      ['--timeout', '5', 'http://x/a.jpg'],
      /^gallop: --timeout: '5' is not a duration: write 500ms, 8s or 2m\n$/,
    ],
    [['race', 'demo:', '--strategies', 'sync,asink'], /^gallop: 'asink' is not one of sync, threads/],
    [['race', 'demo:', '--runs', '0'], /^gallop: .*--runs.*whole number/],
    [['get'], /^gallop: there is nothing to download\n/],
    [['verify'], /^gallop: missing required argument 'dir'\n$/],
  ] as const) {
    const { code, stdout, stderr } = await gallop([...words]);
    assert.equal(code, 2, String(words));
    assert.equal(stdout, '');
    assert.match(stderr, said);
  }
});

test('a flag that is wrong never shows its value, which may be a secret', async () => {
  for (const words of [
    ['--header', 'Authorization=s3cret', 'http://x/a.jpg'],
    ['--headr=Authorization: s3cret', 'http://x/a.jpg'],
    ['--headr', 'http://x/a.jpg', '--json=s3cret'],
    ['--proxy', 'socks5://user:s3cret@h:1', 'http://x/a.jpg'],
    ['--imgur-api', 'user:s3/s3cret@h', 'imgur:abc'],
    ['ftp://user:s3cret@h/list.txt'],
  ]) {
    const { code, stderr } = await gallop(words);
    assert.equal(code, 2);
    assert.doesNotMatch(stderr, /s3cret/);
  }
});

test('an older Node gets one clear line and exit 2', () => {
  const old = `data:text/javascript,Object.defineProperty(process,'version',{value:'v20.19.2'})`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', old, root('bin/gallop.js'), 'demo:'],
    {
      encoding: 'utf8',
    },
  );
  assert.deepEqual([status, stdout], [2, '']);
  assert.match(stderr, /^gallop needs Node 22\.19 or newer; this is v20\.19\.2 \(.*\)\. [^\n]*\n$/);
});

test('the installed command starts', {
  skip: needs(existsSync(root('dist/cli/main.js')), 'not built'),
}, () => {
  const bin = (...words: string[]) =>
    spawnSync(process.execPath, [root('bin/gallop.js'), ...words], { encoding: 'utf8' });
  assert.equal(bin('--version').stdout, `${version}\n`);
  const { status, stdout, stderr } = bin('--help');
  assert.deepEqual([status, stderr], [0, '']);
  assert.match(stdout, /^Usage: gallop/);
});
