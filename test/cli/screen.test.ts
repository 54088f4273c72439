import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { Screen } from '../../src/cli/screen.ts';
import { FakeTerminal } from './fake-terminal.ts';

let nowMs = 0;
const now = () => nowMs;
const pass = (ms: number) => {
  nowMs += ms;
  mock.timers.tick(ms);
};

beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
afterEach(() => mock.timers.reset());

test('what is printed stands above the moving lines, which are replaced and at last erased', () => {
  const terminal = new FakeTerminal(40);
  const screen = new Screen(terminal.describe(), now);
  let lines = ['one', 'two'];
  screen.show(() => lines);
  assert.deepEqual(terminal.rows(), ['one', 'two']);
  pass(100);
  lines = ['1'];
  screen.print('a failure');
  assert.deepEqual(terminal.rows(), ['a failure', '1']);
  screen.clear();
  assert.deepEqual(terminal.rows(), ['a failure', '']);
});

test('moving lines are drawn at most ten times a second, and nothing printed is lost', () => {
  const terminal = new FakeTerminal(40);
  const screen = new Screen(terminal.describe(), now);
  let frame = 0;
  for (let ms = 0; ms < 1000; ms += 1) {
    screen.show(() => [`frame ${frame}`]);
    screen.print(`line ${frame}`);
    frame += 1;
    pass(1);
  }
  assert.ok(terminal.written.length <= 11, `${terminal.written.length} writes`);
  screen.clear();
  assert.deepEqual(
    terminal.rows().slice(0, 1000),
    Array.from({ length: 1000 }, (_, index) => `line ${index}`),
  );
});

test('a window that became narrower has more rows to erase', () => {
  const terminal = new FakeTerminal(40);
  const screen = new Screen(terminal.describe(), now);
  const seen: number[] = [];
  screen.show((columns) => {
    seen.push(columns);
    return ['x'.repeat(columns), 'y'];
  });
  terminal.columns = 20;
  pass(100);
  screen.show((columns) => {
    seen.push(columns);
    return ['z'];
  });
  assert.deepEqual(seen, [39, 19]);
  // 39 characters stand in two rows of 20 now, so that the cursor is two rows below their beginning.
  assert.ok(
    terminal.written.at(-1)!.startsWith('\r\x1b[2K\x1b[1A\x1b[2K\x1b[1A\x1b[2K'),
    JSON.stringify(terminal.written.at(-1)),
  );
});

test('a pipe and a dumb terminal get printed lines only, and no escape sequence', () => {
  for (const dumb of [false, true]) {
    const terminal = new FakeTerminal(40);
    terminal.isTTY = dumb;
    const screen = new Screen(terminal.describe({ TERM: 'dumb' }), now);
    screen.show(() => ['moving']);
    screen.print('stays');
    screen.clear();
    assert.equal(terminal.written.join(''), 'stays\n');
  }
});
