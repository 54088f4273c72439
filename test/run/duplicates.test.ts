import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { resolveRunSpec } from '../../src/core/options/resolve-options.ts';
import { noTimings, type Outcome } from '../../src/core/outcome.ts';
import type { PictureFacts } from '../../src/core/stage.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { openJournal } from '../../src/journal/sqlite-journal.ts';
import { openDuplicates } from '../../src/run/duplicates.ts';
import { filesIn, scratch } from '../support/scratch.ts';

const digest = (digit: string) => digit.repeat(64);

/** Of a picture that was saved as it came, or made of an original with another digest. */
function saved(key: string, sha256: string, original?: Partial<PictureFacts> & { sha256?: string }): Outcome {
  const { sha256: first = sha256, ...more } = original ?? {};
  const picture = { original: { bytes: 9, sha256: first, mime: 'image/png', width: 4, height: 3 }, ...more };
  return {
    ...{ status: 'saved', key, url: `http://host/${key}`, index: 1, path: `${key}.png`, bytes: 10 },
    ...{ sha256, mime: 'image/png', width: 4, height: 3, attempts: 1, ms: noTimings() },
    ...{ startedMs: 0, endedMs: 0, slot: 0 },
    ...(original !== undefined && { picture }),
  };
}

/** A run over a directory, whose pictures come in this order. */
async function run<T>(
  dir: string,
  duplicates: 'digest' | number,
  step: (come: (outcome: Outcome) => Outcome, journal: Journal) => T,
): Promise<T> {
  const { journal } = openJournal(dir);
  const judge = (await openDuplicates(resolveRunSpec({ sources: [], dir, duplicates }), journal))!;
  try {
    return step((outcome) => {
      journal.claim([
        {
          ...{ key: outcome.key, target: `${outcome.key}.{ext}`, collisionKey: outcome.key },
          alternative: (): [string, string] => assert.fail('no two have the same'),
        },
      ]);
      if (outcome.path !== null) {
        for (const name of [outcome.path, `${outcome.path}.json`]) writeFileSync(join(dir, name), 'x');
      }
      const judged = judge.judge(outcome);
      journal.record(judged);
      return judged;
    }, journal);
  } finally {
    journal.close();
  }
}

describe('of pictures that are the same', () => {
  it('the first that was there stays; the other is skipped, and neither it nor what is said of it is there', async () => {
    using work = scratch();
    await run(work.path, 'digest', (come) => {
      const [first, second] = [saved('a', digest('1')), { ...saved('b', digest('1')), index: 0 }];
      assert.equal(come(first), first);
      const skip = { code: 'duplicate', message: 'the same as a', duplicateOf: 'a' };
      assert.deepEqual(come(second), {
        ...{ ...second, status: 'skipped', path: null, bytes: 0, sha256: null, skip },
      });
      assert.equal(come(saved('c', digest('2'))).status, 'saved');
      assert.equal(come(saved('d', digest('1'))).skip?.duplicateOf, 'a');
    });
    assert.deepEqual(filesIn(work.path).sort(), ['a.png', 'a.png.json', 'c.png', 'c.png.json']);
  });

  it('what was received counts, not what was made of it; without a stage it is the file', async () => {
    using work = scratch();
    await run(work.path, 'digest', (come) => {
      come(saved('a', digest('1'), { sha256: digest('9') }));
      assert.equal(come(saved('b', digest('1'), { sha256: digest('8') })).status, 'saved');
      assert.equal(come(saved('c', digest('2'), { sha256: digest('9') })).skip?.duplicateOf, 'a');
      assert.equal(come(saved('d', digest('8'))).skip?.duplicateOf, 'b');
    });
  });

  it('those within the distance are, by their perceptual hashes; equal bytes are in any case', async () => {
    using work = scratch();
    const looks = (phash: string) => ({ phash });
    await run(work.path, 2, (come) => {
      come(saved('a', digest('1'), looks('0000000000000000')));
      assert.equal(come(saved('b', digest('2'), looks('0000000000000003'))).skip?.duplicateOf, 'a');
      assert.equal(come(saved('c', digest('3'), looks('0000000000000007'))).status, 'saved');
      // Two from the last one, three and more from the first.
      assert.equal(come(saved('d', digest('4'), looks('000000000000001f'))).skip?.duplicateOf, 'c');
      assert.equal(come(saved('e', digest('1'), looks('ffffffffffffffff'))).skip?.duplicateOf, 'a');
      assert.equal(come(saved('f', digest('5'))).status, 'saved');
    });
  });

  it('nothing is asked of what is not stored, and it is not in the way', async () => {
    using work = scratch();
    await run(work.path, 'digest', (come) => {
      come(saved('a', digest('1')));
      const kept: Outcome = { ...saved('b', digest('1')), status: 'kept' };
      assert.equal(come(kept), kept);
      const error = { code: 'not-found', message: '404', retryable: false } as const;
      const failed: Outcome = { ...saved('c', digest('2')), status: 'failed', path: null, error };
      assert.equal(come(failed), failed);
      assert.equal(come(saved('d', digest('2'))).status, 'saved');
    });
    assert.ok(filesIn(work.path).includes('b.png'));
  });

  it('one file stays, where they have one name', async () => {
    using work = scratch();
    const same = (key: string) => ({ ...saved(key, digest('1')), path: 'same.png' });
    for (const keys of [['a', 'b'], ['c']]) {
      await run(work.path, 'digest', (come) => {
        for (const key of keys) come(same(key));
      });
      assert.deepEqual(filesIn(work.path), ['same.png', 'same.png.json']);
    }
  });
});

describe('pictures of an earlier run', () => {
  it('are there, by their digests and their hashes; an item is no duplicate of itself', async () => {
    using work = scratch();
    const first = saved('a', digest('1'), { sha256: digest('9'), phash: '0000000000000000' });
    await run(work.path, 2, (come) => void come(first));
    await run(work.path, 2, (come) => {
      assert.equal(come(first).status, 'saved');
      assert.equal(come(saved('b', digest('9'))).skip?.duplicateOf, 'a');
      const alike = saved('c', digest('3'), { phash: '0000000000000001' });
      assert.equal(come(alike).skip?.duplicateOf, 'a');
    });
    assert.deepEqual(filesIn(work.path).sort(), ['a.png', 'a.png.json']);
  });

  it('that are gone have the next of their kind in their place, which then is there', async () => {
    using work = scratch();
    await run(work.path, 'digest', (come) => void come(saved('a', digest('1'))));
    await run(work.path, 'digest', (come) => void come(saved('other', digest('2'))));
    rmSync(join(work.path, 'a.png'));
    await run(work.path, 'digest', (come) => {
      assert.equal(come(saved('b', digest('1'))).status, 'saved');
      assert.equal(come(saved('c', digest('1'))).skip?.duplicateOf, 'b');
      assert.equal(come(saved('d', digest('2'))).skip?.duplicateOf, 'other');
      assert.equal(come(saved('e', digest('3'))).status, 'saved');
      assert.equal(come(saved('f', digest('3'))).skip?.duplicateOf, 'e');
    });
  });
});

it('nobody looks where all are kept, nor beside the shards of a data set', async () => {
  using work = scratch();
  const { journal } = openJournal(work.path);
  for (const spec of [{ duplicates: 'keep' }, { duplicates: 'digest', output: 'parquet' }] as const) {
    const resolved = resolveRunSpec({ sources: [], dir: work.path, ...spec });
    assert.equal(await openDuplicates(resolved, journal), null);
  }
  journal.close();
});
