import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Item } from '../../src/core/item.ts';
import { finishTarget, suffixed } from '../../src/core/target.ts';
import { remoteName } from '../../src/download/remote-name.ts';
import { openJournal } from '../../src/journal/sqlite-journal.ts';
import { compileTemplate } from '../../src/plan/output-name.ts';
import { plan } from '../../src/plan/plan.ts';
import { fileSystems, hostileText, likenesses } from '../support/hostile-names.ts';
import { scratch } from '../support/scratch.ts';

const seed = 7;
const sha256 = 'f'.repeat(64);

/** Items of which many have one name, on some system or other; every text in them is hostile. */
function hostileItems(count: number): Item[] {
  const texts = fc.sample(hostileText, { seed, numRuns: Math.ceil(count / 5) });
  const titles = texts.flatMap(likenesses).slice(0, count);
  return titles.map((title, at) => ({
    key: `key:${at}`,
    url: `https://h.example/${encodeURIComponent(title.toWellFormed())}/${at % 3}.jpg`,
    name: titles[(at * 7) % count]!,
    title,
    album: { id: titles[at % 20]!, title: titles[at % 50]! },
    index: at + 1,
    reach: [],
  }));
}

/** The names that a run gives, by key. */
async function targetsOf(dir: string, items: Item[], name: string): Promise<Map<string, string>> {
  const { journal } = openJournal(dir);
  try {
    const targets = new Map<string, string>();
    for await (const { item, target } of plan(from(items), {
      dir,
      nameOf: compileTemplate(name),
      journal,
      stage: null,
      filters: '',
      settled() {},
    })) {
      targets.set(item.key, target);
    }
    return targets;
  } finally {
    journal.close();
  }
}

async function* from(items: Item[]): AsyncGenerator<Item> {
  yield* items;
}

function expectInside(path: string): void {
  assert.ok(path.isWellFormed());
  for (const segment of path.split('/')) {
    assert.doesNotMatch(segment, /^[. ]|[. ]$|^$|[\\:*?"<>|{}\p{Control}\p{Format}]/u, path);
    assert.doesNotMatch(segment, /^(con|nul|aux|prn|com\d|lpt\d)(\.|$)/i, path);
    assert.ok(Buffer.byteLength(segment) <= 255, `${Buffer.byteLength(segment)} bytes`);
  }
}

function expectApart(paths: string[]): void {
  for (const [system, fold] of Object.entries(fileSystems)) {
    const places = new Map<string, string>();
    for (const path of paths) {
      const other = places.get(fold(path));
      assert.equal(other, undefined, `one file on ${system}: ${path}, ${other}`);
      places.set(fold(path), path);
    }
  }
}

describe('hostile names, planned with a real journal', () => {
  const templates: [template: string, count: number][] = [
    ['{album.title}/{title}', 15_000],
    ['{album}/{id}.{ext}', 10_000],
    ['{host}/{path}/{name}', 10_000],
    ['{title}', 5000],
  ];
  for (const [template, count] of templates) {
    it(`${template}: ${count} items have as many places, all inside, and the same on a second run`, async () => {
      using work = scratch();
      const items = hostileItems(count);
      const first = await targetsOf(work.path, items, template);
      assert.equal(first.size, count);
      const paths = [...first.values()].map((target) => finishTarget(target, { ext: 'jpg', sha256 }));
      for (const path of paths) {
        expectInside(path);
        assert.match(path, /\.jpg$/);
      }
      expectApart(paths);
      // In another order, with new ones between that would like the same names.
      const newcomers = items.slice(0, 500).map((item) => ({ ...item, key: `new ${item.key}` }));
      const mixed = [...newcomers, ...items.toReversed()];
      const second = await targetsOf(work.path, mixed, template);
      for (const { key } of items) assert.equal(second.get(key), first.get(key));
      expectApart([...second.values()]);
    });
  }

  it("made up to be others' suffixes: all have a place, on a second run the same", async () => {
    using work = scratch();
    const wanted = Array.from({ length: 20 }, (_, at) => `victim:${at}`);
    const made = wanted.flatMap((key) => [key, `${key} 2`, `${key} 3`].map((text) => suffixed('same', text)));
    const items = [...made, ...wanted.map(() => 'same')].map(
      (title, at): Item => ({
        ...{ key: at < made.length ? `made:${at}` : wanted[at - made.length]!, title, index: at + 1 },
        ...{ url: `http://h/${at}.jpg`, reach: [] },
      }),
    );
    const first = await targetsOf(work.path, items, '{title}');
    assert.equal(first.size, items.length);
    expectApart([...first.values()]);
    assert.deepEqual(await targetsOf(work.path, items, '{title}'), first);
  });
});

describe("hostile names of a server's, under --name '{remote}'", () => {
  const disposition = fc.tuple(hostileText, fc.nat({ max: 3 })).map(([text, form]) => {
    const name = text.toWellFormed();
    const quoted = `"${name.replace(/["\\]/g, '\\$&')}"`;
    const encoded = `UTF-8''${encodeURIComponent(name)}`;
    return [
      `attachment; filename=${quoted}`,
      `attachment; filename*=${encoded}`,
      `attachment; filename=${name}; filename*=${encoded}.desktop`,
      `inline; filename=${encodeURIComponent(encodeURIComponent(name))}.exe`,
    ][form]!;
  });

  it('are advice: one segment inside the directory, with the extension that the bytes have', () => {
    const url = new URL('https://h.example/photo.jpg');
    fc.assert(
      fc.property(disposition, (header) => {
        const headers = { 'content-disposition': header };
        const remote = remoteName({ status: 200, headers, url, sentAt: 0, firstByteAt: 0 });
        const path = finishTarget('{remote}.{ext}', { ext: 'jpg', sha256, remote });
        assert.ok(!path.includes('/'), path);
        expectInside(suffixed(path, 'key'));
        assert.match(path, /.\.jpg$/);
        assert.equal(finishTarget('{remote}.{ext}', { ext: 'jpg', sha256, remote }), path);
      }),
      { seed, numRuns: 15_000 },
    );
  });
});
