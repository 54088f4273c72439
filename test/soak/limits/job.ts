import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StrategyName } from '../../../src/index.ts';
import type { PictureServer } from '../../support/picture-server.ts';
import { scratch } from '../../support/scratch.ts';
import { Destination, wordsFor } from '../destination.ts';
import { type CommandRun, type Program, type Surroundings, startCommand } from '../program.ts';
import { type ServerKind, slowServer } from '../slow-server.ts';

export interface JobPlan {
  program: Program;
  strategy: StrategyName;
  /** Paths of a picture server. */
  paths: readonly string[];
  /** Of the server; one of this kind, or one that is there already. */
  server?: ServerKind | PictureServer;
  /** Of the command line, beside the list, the destination, the strategy and the names. */
  words?: readonly string[];
  /** The destination; a directory of its own unless given. */
  dir?: string;
}

/** A server, a list of what is on it, a destination, and the command that goes from the one to the other. */
export interface Job extends AsyncDisposable {
  server: PictureServer;
  destination: Destination;
  start(surroundings?: Surroundings, ...more: string[]): CommandRun;
  /** Starts it (again), and holds it to a good end: exit 0, every file there and whole, nothing left over. */
  finish(surroundings?: Surroundings): Promise<void>;
}

export async function openJob({ program, strategy, paths, words = [], ...more }: JobPlan): Promise<Job> {
  const work = scratch();
  const { server: kind = 'plain', dir } = more;
  const server = typeof kind === 'string' ? await slowServer(kind) : kind;
  const destination = new Destination(paths, dir);
  const input = join(work.path, 'list');
  writeFileSync(input, paths.map((path) => `${server.url}${path}\n`).join(''));
  const all = [...wordsFor(destination.dir, input, strategy), ...words];
  const start: Job['start'] = (surroundings = {}, ...others) =>
    startCommand(program, [...all, ...others], surroundings);
  return {
    server,
    destination,
    start,
    async finish(surroundings = {}) {
      const { code, stderr } = await start(surroundings, '--quiet').ended;
      assert.deepEqual([code, stderr], [0, '']);
      destination.assertComplete();
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      destination[Symbol.dispose]();
      work[Symbol.dispose]();
    },
  };
}

/** `count` paths of pictures of so many bytes. */
export const pathsOf = (count: number, bytes: number): string[] =>
  Array.from({ length: count }, (_, n) => `/${bytes}/p${n}.jpg`);

/** The objects of `--json`; the last line may be cut off. */
export const eventsIn = (stdout: string): Record<string, unknown>[] =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

/** The words by which every strategy has about so many in flight. */
export const inFlight = (count: number): string[] => [
  '-c',
  String(count),
  '-w',
  '4',
  '--per-worker',
  String(Math.ceil(count / 4)),
];

/** Every item of `paths` has one outcome, and it is `saved`. Returns the notes that were said. */
export function assertSavedOnce(stdout: string, paths: readonly string[]): string[] {
  const events = eventsIn(stdout);
  const outcomes = events.filter(({ event }) => event === 'outcome');
  const bad = outcomes.filter(({ status }) => status !== 'saved');
  assert.deepEqual(bad, []);
  assert.equal(outcomes.length, paths.length);
  assert.equal(new Set(outcomes.map(({ url }) => url)).size, paths.length);
  return events.filter(({ event }) => event === 'note').map(({ message }) => String(message));
}
