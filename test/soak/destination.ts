import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathBytes } from '../support/picture-server.ts';
import { bytesOf, filesIn, scratch } from '../support/scratch.ts';

/** A destination, and the paths of the server of which it is to hold the files, each under its own name. */
export class Destination implements Disposable {
  readonly dir: string;
  readonly paths: readonly string[];
  readonly #pathOf: Map<string, string>;
  readonly #scratch: Disposable | undefined;

  /** In a directory of its own unless `dir` is given. */
  constructor(paths: readonly string[], dir?: string) {
    const place = dir === undefined ? scratch() : undefined;
    this.#scratch = place;
    this.dir = dir ?? join(place!.path, 'out');
    this.paths = paths;
    this.#pathOf = new Map(paths.map((path) => [path.replace(/^.*\//, ''), path]));
  }

  /** The paths whose files are there. Throws where one has not the bytes of the server, or is no item's. */
  whole(): string[] {
    if (!existsSync(this.dir)) return [];
    return filesIn(this.dir).map((file) => {
      const path = this.#pathOf.get(file);
      assert.ok(path !== undefined, `${file} is no name of an item`);
      assert.ok(bytesOf(this.dir, file).equals(pathBytes(path)!), `${file} is not whole`);
      return path;
    });
  }

  /** Throws unless every file is there, whole, and nothing unfinished is left. */
  assertComplete(): void {
    assert.equal(this.whole().length, this.paths.length);
    this.assertNoLeftovers();
  }

  assertNoLeftovers(): void {
    assert.deepEqual(readdirSync(join(this.dir, '.gallop', 'parts')), []);
  }

  [Symbol.dispose](): void {
    this.#scratch?.[Symbol.dispose]();
  }
}

/** The words that download `input` into it. */
export const wordsFor = (dir: string, input: string, strategy: string): string[] => [
  '-i',
  input,
  '-d',
  dir,
  '-s',
  strategy,
  '--name',
  '{name}.{ext}',
];
