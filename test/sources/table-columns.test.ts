import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { RunSpec } from '../../src/core/run-spec.ts';
import { checkInputs } from '../../src/sources/inputs.ts';
import { bytesOf, testContext } from './support.ts';
import { itemsOf, one, two } from './table-support.ts';

const packed = { output: 'webdataset' } as const;

/** What is told of the columns of a file by the time of its first item: `name type`. */
async function toldOf(name: string, bytes: string | Uint8Array, spec: Partial<RunSpec> = {}) {
  const context = testContext({ ...packed, ...spec }, { environment: {} });
  await itemsOf(name, bytes, {}, context);
  return context.told.map((column) => `${column.name} ${column.type}`);
}

const lines = [
  { url: one, n: 1, text: 'a', digest: null },
  { url: two, n: 1.5, text: 'b', more: true },
]
  .map((row) => JSON.stringify(row))
  .join('\n');

describe('the columns of tables that are packed', () => {
  it('are those that rows keep: not the address, and with --columns no others', async () => {
    assert.deepEqual(await toldOf('a.jsonl', lines), [
      'n double',
      'text text',
      'digest none',
      'more boolean',
    ]);
    const named = { columns: ['n'], captionColumn: 'text' };
    assert.deepEqual(await toldOf('a.jsonl', lines, named), ['n double', 'text text']);
    assert.deepEqual(await toldOf('a.csv', `n,url\n1,${one}\n`), ['n text']);
    assert.deepEqual(await toldOf('a.txt', one), []);
    assert.deepEqual(await toldOf('a.jsonl', lines, { output: null }), []);
  });

  it('are told before the first row of a pipe', async () => {
    const stdin = bytesOf('url,n,text\n', `${one},1,a\n`);
    const spec: Partial<RunSpec> = { ...packed, input: ['-'], inputFormat: 'csv' };
    const context = testContext(spec, { environment: {}, stdin });
    const inputs = await checkInputs(context);
    assert.deepEqual(context.told, []);
    for await (const item of inputs.items(context)) {
      assert.equal(item.url, one);
      assert.deepEqual(
        context.told.map(({ name }) => name),
        ['n', 'text'],
      );
    }
  });

  it('are not taken from rows that are not right', async () => {
    assert.deepEqual(await toldOf('a.jsonl', `${lines}\n{"n":"x"\n[1]\n`), await toldOf('a.jsonl', lines));
  });

  it('of other names in every row are refused', async () => {
    const row = (at: number) => `{"url":"${one}","a${at}":1}`;
    const rows = (count: number) => Array.from({ length: count }, (_, at) => row(at)).join('\n');
    assert.equal((await toldOf('a.jsonl', rows(9999))).length, 9999);
    await assert.rejects(toldOf('a.jsonl', rows(10_000)), {
      code: 'usage',
      message: /more than 10000 columns/,
    });
  });

  it('of a file that is cut off are not known: it is refused before its first row', async () => {
    const whole = gzipSync(Array(20_000).fill(lines).join('\n'), { level: 0 });
    await assert.rejects(toldOf('a.jsonl.gz', whole.subarray(0, -1000)), { code: 'bad-file' });
  });
});
