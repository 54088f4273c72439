import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { testDownloads, workFor } from '../support/downloads.ts';
import { withoutBackOff } from '../support/no-back-off.ts';
import {
  type Behaviour,
  give,
  giveSome,
  giveWhole,
  large,
  otherLarge,
  segmentServer,
} from '../support/segment-server.ts';

withoutBackOff();

/** In the first run every segment breaks off after so many bytes. */
const firstBytes = 900_000;

/** A run whose server breaks every segment off, and then one with a new downloader in the same directory. */
async function twoRuns(
  segments: number,
  second: Behaviour = () => false,
  between: (note: string, part: string) => void = () => {},
) {
  let isFirst = true;
  await using server = await segmentServer((asked, response) => {
    if (!isFirst) return second(asked, response);
    giveSome(asked, response, firstBytes);
    return true;
  });
  await using early = await testDownloads({ retries: 0, segments: 4 });
  const work = workFor(`${server.url}/a.jpg`, { key: 'k' });
  const broke = await early.downloader.download(work);
  assert.equal(broke.error?.code, 'connection-lost', broke.error?.message);
  const parts = path.join(early.dir, '.gallop/parts');
  const [note, part] = fs.readdirSync(parts).toSorted((a) => (a.endsWith('.json') ? -1 : 1));
  assert.equal(fs.readdirSync(parts).length, 2);
  between(path.join(parts, note!), path.join(parts, part!));
  isFirst = false;
  const before = server.requests.length;
  await using late = await testDownloads({ dir: early.dir, retries: 0, segments });
  const outcome = await late.downloader.download(work);
  const ranges = server.requests.slice(before).map(({ headers }) => headers.range ?? null);
  const bytes = outcome.path === null ? null : late.read('picture.jpg');
  return { outcome, ranges, bytes, files: late.files() };
}

const gaps = [
  `bytes=${firstBytes}-`,
  `bytes=${3_000_000 + firstBytes}-5999999`,
  `bytes=${6_000_000 + firstBytes}-8999999`,
  `bytes=${9_000_000 + firstBytes}-11999999`,
];

describe('what an earlier run left of a file in segments is gone on with', () => {
  for (const segments of [1, 2, 4]) {
    it(`its gaps alone are asked for, with --segments ${segments}`, async () => {
      const { outcome, ranges, bytes, files } = await twoRuns(segments);
      assert.equal(outcome.status, 'saved', outcome.error?.message);
      assert.deepEqual(ranges.toSorted(), gaps.toSorted());
      assert.ok(bytes!.equals(large));
      assert.deepEqual(files, ['picture.jpg']);
    });
  }

  it('more connections cut the gaps', async () => {
    const { ranges, bytes } = await twoRuns(6, undefined, (note) => {
      const said = JSON.parse(fs.readFileSync(note, 'utf8'));
      // Of the last two segments nothing counts.
      fs.writeFileSync(note, JSON.stringify({ ...said, there: said.there.slice(0, 2) }));
    });
    assert.equal(ranges.length, 6);
    assert.ok(bytes!.equals(large));
  });

  it('not of a file that is another one by now', async () => {
    const { ranges, bytes, files } = await twoRuns(4, (asked, response) => {
      if (asked.headers['if-range'] === '"v2"') give(asked, response, { etag: '"v2"' }, otherLarge);
      else giveWhole(response, otherLarge, '"v2"');
      return true;
    });
    assert.equal(ranges[0], gaps[0]);
    assert.ok(bytes!.equals(otherLarge));
    assert.deepEqual(files, ['picture.jpg']);
  });

  it('before a file gets its first hole, its note says which bytes of it count', async () => {
    await using server = await segmentServer((asked, response) => {
      // What comes first, comes after some of the beginning is on the disk.
      if (asked.to !== null) setTimeout(() => giveSome(asked, response, 2_500_000, false), 100);
      else giveSome(asked, response, 2_500_000, asked.from === null);
      return true;
    });
    await using early = await testDownloads({ retries: 0, segments: 1 });
    const work = workFor(`${server.url}/a.jpg`, { key: 'k' });
    await early.downloader.download(work);
    const parts = path.join(early.dir, '.gallop/parts');
    const only = (ending: string) =>
      path.join(parts, fs.readdirSync(parts).find((name) => name.endsWith(ending))!);
    const there = () => JSON.parse(fs.readFileSync(only('.json'), 'utf8')).there;
    assert.equal(there(), undefined);
    await using late = await testDownloads({ dir: early.dir, retries: 0, segments: 2 });
    const outcome = late.downloader.download(work);
    outcome.catch(() => {});
    const part = only('.part');
    const bytes = () => fs.statSync(part).size;
    while (bytes() < 7_250_000) await new Promise((resolve) => setTimeout(resolve, 1));
    assert.ok(there()[0][1] <= 5_000_000);
    late.downloader.stop();
    await assert.rejects(outcome, { name: 'InterruptedError' });
  });

  const damages: [what: string, there: unknown][] = [
    ['that are not a list', 'all'],
    ['of nothing', []],
    ['that do not begin with the first byte', [[5, 10]]],
    [
      'that overlap',
      [
        [0, 10],
        [5, 20],
      ],
    ],
    [
      'that end before they begin',
      [
        [0, 10],
        [30, 20],
      ],
    ],
    ['that are no numbers', [[0, '10']]],
    [
      'that are longer than the file',
      [
        [0, 10],
        [20, 90_000_000],
      ],
    ],
  ];
  for (const [what, there] of damages) {
    it(`not where its note has stretches ${what}: from 0`, async () => {
      const { outcome, ranges, bytes } = await twoRuns(1, undefined, (note) => {
        fs.writeFileSync(note, JSON.stringify({ ...JSON.parse(fs.readFileSync(note, 'utf8')), there }));
      });
      assert.equal(outcome.status, 'saved', outcome.error?.message);
      assert.deepEqual(ranges, [null]);
      assert.ok(bytes!.equals(large));
    });
  }
});
