import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const page = fileURLToPath(new URL('../../docs/reliability.md', import.meta.url));

/** The last cell of a row: links to test files, each followed by what the names of its tests hold, in italics. */
function* proofs(cell: string): Generator<{ file: string; names: string[] }> {
  const parts = cell.split(/\[[\w/-]+\]\((\.\.\/test\/[\w/.-]+)\)/).slice(1);
  for (let at = 0; at < parts.length; at += 2) {
    const names = [...parts[at + 1]!.matchAll(/\*([^*]+)\*/g)].map(([, name]) => name!);
    yield { file: parts[at]!, names };
  }
}

test('every promise of docs/reliability.md names tests that are there', () => {
  const rows = readFileSync(page, 'utf8')
    .split('\n')
    .filter((line) => line.includes('](../test/'));
  assert.ok(rows.length > 40, `${rows.length} rows`);
  const missing: string[] = [];
  for (const row of rows) {
    const found = [...proofs(row.split(' | ').at(-1)!)];
    assert.ok(found.length > 0, row);
    for (const { file, names } of found) {
      assert.ok(names.length > 0, `${file} in: ${row}`);
      const path = join(dirname(page), file);
      const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
      missing.push(...names.filter((name) => !text.includes(name)).map((name) => `${file}: ${name}`));
      if (text === '') missing.push(file);
    }
  }
  assert.deepEqual(missing, []);
});
