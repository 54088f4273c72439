import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { HostMemory } from '../../src/run/host-memory.ts';
import { needs } from '../support/needs.ts';
import { scratch } from '../support/scratch.ts';

const fileIn = (state: string) => path.join(state, 'gallop', 'hosts.json');
const day = 24 * 3600 * 1000;

describe('HostMemory', () => {
  it('remembers from run to run, the latest of each host', () => {
    using work = scratch();
    const environment = { XDG_STATE_HOME: work.path };
    assert.equal(new HostMemory(environment).recall('a:80'), undefined);
    new HostMemory(environment).keep([['a:80', { window: 40, tooMuch: null, wasEnough: false }]]);
    const other = new HostMemory(environment);
    new HostMemory(environment).keep([['b', { window: 12, tooMuch: 15, wasEnough: false }]]);
    other.keep([['a:80', { window: 50, tooMuch: 60, wasEnough: false }]]);
    const memory = new HostMemory(environment);
    assert.deepEqual([memory.recall('a:80')?.window, memory.recall('a:80')?.tooMuch], [50, 60]);
    assert.equal(memory.recall('b')?.window, 12);
    assert.equal(fs.statSync(fileIn(work.path)).mode & 0o777, 0o600);
  });

  it('forgets what is a week old, and the oldest of too many', () => {
    using work = scratch();
    const environment = { XDG_STATE_HOME: work.path };
    fs.mkdirSync(path.dirname(fileIn(work.path)));
    const aged = (days: number) => ({
      window: 40,
      tooMuch: null,
      wasEnough: false,
      atMs: Date.now() - days * day,
    });
    const hosts = { old: aged(8), recent: aged(6), future: aged(-1) };
    fs.writeFileSync(fileIn(work.path), JSON.stringify({ version: 1, hosts }));
    const memory = new HostMemory(environment);
    assert.deepEqual(
      ['old', 'recent', 'future'].map((host) => memory.recall(host)?.window),
      [undefined, 40, undefined],
    );
    memory.keep(
      Array.from({ length: 500 }, (_, n) => [`h${n}`, { window: 11, tooMuch: null, wasEnough: false }]),
    );
    const later = new HostMemory(environment);
    assert.equal(later.recall('recent'), undefined);
    assert.equal(later.recall('h499')?.window, 11);
  });

  it('is not disturbed by a file that is something else, nor by one that cannot be written', () => {
    using work = scratch();
    const environment = { XDG_STATE_HOME: work.path };
    fs.mkdirSync(path.dirname(fileIn(work.path)));
    const bad = { window: 'many', tooMuch: null, wasEnough: false, atMs: Date.now() };
    const worse = { window: 1e9, tooMuch: -1, wasEnough: false, atMs: Date.now() };
    for (const text of ['', 'null', '[]', '{"version":2,"hosts":{}}', '{"version":1,"hosts":null}']) {
      fs.writeFileSync(fileIn(work.path), text);
      assert.equal(new HostMemory(environment).recall('a'), undefined);
    }
    fs.writeFileSync(fileIn(work.path), JSON.stringify({ version: 1, hosts: { a: bad, b: worse, c: null } }));
    const memory = new HostMemory(environment);
    assert.deepEqual(
      [memory.recall('a'), memory.recall('b'), memory.recall('c')],
      [undefined, undefined, undefined],
    );
    fs.rmSync(fileIn(work.path));
    fs.mkdirSync(fileIn(work.path));
    memory.keep([['a', { window: 40, tooMuch: null, wasEnough: false }]]);
    assert.deepEqual(fs.readdirSync(path.dirname(fileIn(work.path))), ['hosts.json']);
    const file = path.join(work.path, 'a file');
    fs.writeFileSync(file, '');
    const nowhere = new HostMemory({ XDG_STATE_HOME: file });
    nowhere.keep([['a', { window: 40, tooMuch: null, wasEnough: false }]]);
    assert.equal(nowhere.recall('a'), undefined);
  });

  it('does not read what is no file of its size: a pipe, something huge', {
    skip: needs(process.platform !== 'win32', 'no pipes with names'),
  }, () => {
    using work = scratch();
    const environment = { XDG_STATE_HOME: work.path };
    fs.mkdirSync(path.dirname(fileIn(work.path)));
    const host = { window: 40, tooMuch: null, wasEnough: false, atMs: Date.now() };
    const padding = ' '.repeat(2 * 1024 * 1024);
    fs.writeFileSync(fileIn(work.path), JSON.stringify({ version: 1, hosts: { a: host } }) + padding);
    assert.equal(new HostMemory(environment).recall('a'), undefined);
    fs.rmSync(fileIn(work.path));
    execFileSync('mkfifo', [fileIn(work.path)]);
    assert.equal(new HostMemory(environment).recall('a'), undefined);
  });

  it('keeps nothing where there is no home, nor under a relative path', () => {
    for (const environment of [{}, { HOME: 'x' }, { XDG_STATE_HOME: 'relative' }]) {
      const memory = new HostMemory(environment);
      memory.keep([['a', { window: 40, tooMuch: null, wasEnough: false }]]);
      assert.equal(memory.recall('a'), undefined);
      assert.ok(!fs.existsSync('relative') && !fs.existsSync('x'));
    }
  });
});
