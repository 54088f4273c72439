import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { compare } from '../../bench/compare.ts';
import type { Contestant } from '../../bench/contestants/contestant.ts';
import { scratch } from '../support/scratch.ts';
import { benchContext } from './context.ts';

const expected = new Map([
  ['a.jpg', hash('sha256', 'a')],
  ['b.jpg', hash('sha256', 'b')],
]);
const whole = 'printf a > a.jpg; printf b > b.jpg';

/** A program of the shell's, in the directory of its files. */
const shell = (name: string, script: string, settings: Partial<Contestant> = {}): Contestant => ({
  name,
  needs: [],
  command: ({ out, state }) => ({ words: ['sh', '-c', script], cwd: out, env: { STATE: state } }),
  ...settings,
});

test('what a contestant lost, changed, added or said at its end is in its note', async () => {
  using work = scratch();
  using context = benchContext(work.path);
  const { rows } = await compare(context, {
    contestants: [
      shell('good', whole),
      shell('lossy', 'printf a > a.jpg'),
      shell('wrong', 'printf a > a.jpg; printf x > b.jpg'),
      shell('littering', `${whole}; printf a > a.jpg.1`),
      shell('failing', `${whole}; echo the reason >&2; exit 3`),
      shell('endless', 'sleep 1000'),
    ],
    reference: 'good',
    expected,
    mostSeconds: 1,
  });
  assert.deepEqual(Object.fromEntries(rows.map(({ contestant, note }) => [contestant, note])), {
    good: 'reference',
    lossy: 'only 1 of 2 files are whole',
    wrong: 'only 1 of 2 files are whole, 1 files are not what they should be',
    littering: '1 files are not what they should be',
    failing: 'exit 3 the reason',
    endless: 'killed: it took too long, only 0 of 2 files are whole',
  });
});

test('everybody runs once a round, each round begins with another one, and a missing program is named', async () => {
  using work = scratch();
  const said: string[] = [];
  using context = benchContext(work.path);
  const { rows, notes } = await compare(
    {
      ...context,
      rounds: 3,
      tools: { ...context.tools, wget2: null },
      say: (text) => said.push(text.split(':')[1]!.trim()),
    },
    {
      contestants: [
        shell('a', whole),
        shell('b', whole, { mostRounds: 1 }),
        shell('c', whole),
        shell('w', whole, { needs: ['wget2'] }),
      ],
      reference: 'a',
      expected,
    },
  );
  assert.equal(said.join(''), 'abc' + 'ca' + 'ca');
  assert.deepEqual(
    rows.map(({ contestant, runs }) => [contestant, runs]),
    [
      ['a', 3],
      ['b', 1],
      ['c', 3],
    ],
  );
  assert.deepEqual(notes, ['wget2 is not installed (Debian: wget2): left out.']);
});

test('state is empty in every run, and there from the first on for who keeps it', async () => {
  using work = scratch();
  using context = benchContext(work.path);
  const script = `${whole}; [ ! -e "$STATE/x" ] || exit 7; : > "$STATE/x"`;
  const { rows } = await compare(
    { ...context, rounds: 2 },
    {
      contestants: [shell('cold', script), shell('warm', script, { keepsState: true, mostRounds: 1 })],
      reference: 'cold',
      expected,
    },
  );
  assert.deepEqual(
    rows.map(({ note }) => note),
    ['reference', 'exit 7'],
  );
});
