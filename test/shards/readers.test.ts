import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { Json } from '../../src/core/json.ts';
import { columnsOf, query } from '../support/duckdb.ts';
import { needs } from '../support/needs.ts';
import { scratch } from '../support/scratch.ts';
import { pack, pictureOf, type Row } from './packing.ts';

const rows: Row[] = Array.from({ length: 7 }, () => ({}));
rows[1] = { fails: true };
rows[2] = { skip: { code: 'robots', message: 'noai' } };
rows[3] = { skip: { code: 'too-small', message: '20 pixels; 200 are wanted' } };
rows[4] = { bytes: pictureOf(1) };

const large = Buffer.alloc(3_000_017, 'large');

const python = `
import json, sys, tarfile
seen = {}
with tarfile.open(sys.argv[1], 'r:') as tar:
    for member in tar:
        assert (member.mode, member.uid, member.gid, member.mtime) == (0o444, 0, 0, 946684800), member.get_info()
        assert member.isreg() and not member.pax_headers
        seen[member.name] = tar.extractfile(member).read().hex()
print(json.dumps(seen))
`;

const hasPython = spawnSync('python3', ['--version']).status === 0;

describe('readers', () => {
  it('GNU tar unpacks what was packed, large and small', async () => {
    using dir = scratch();
    await pack(dir.path, [{}, { bytes: large, ext: 'png' }, {}]);
    const unpacked = path.join(dir.path, 'unpacked');
    fs.mkdirSync(unpacked);
    const said = execFileSync('tar', ['xvvf', path.join(dir.path, '00000.tar'), '-C', unpacked], {
      env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
    });
    assert.match(said.toString(), /^-r--r--r-- 0\/0 +509 2000-01-01 00:00 000000\.jpg\n/);
    assert.equal(fs.readdirSync(unpacked).length, 9);
    assert.deepEqual(fs.readFileSync(path.join(unpacked, '000000.jpg')), pictureOf(1));
    assert.ok(fs.readFileSync(path.join(unpacked, '000001.png')).equals(large));
    assert.equal(fs.readFileSync(path.join(unpacked, '000002.txt'), 'utf8'), 'caption 3 ä');
    assert.equal(fs.statSync(path.join(dir.path, '00000.tar')).size % 10_240, 0);
  });

  it("Python's tarfile reads the same, with nothing but USTAR in it", {
    skip: needs(hasPython, 'Python 3 is not installed'),
  }, async () => {
    using dir = scratch();
    await pack(dir.path, rows);
    const output = execFileSync('python3', ['-c', python, path.join(dir.path, '00000.tar')]);
    const seen = JSON.parse(output.toString()) as Record<string, string>;
    assert.deepEqual(
      Object.keys(seen).filter((name) => name.endsWith('.jpg')),
      ['000000.jpg', '000004.jpg', '000005.jpg', '000006.jpg'],
    );
    assert.equal(seen['000005.jpg'], pictureOf(6).toString('hex'));
    const said = JSON.parse(Buffer.from(seen['000005.json']!, 'hex').toString());
    assert.deepEqual(Object.keys(said), [
      ...['caption', 'score', 'n', 'ok', 'url', 'key', 'status', 'error_message', 'width', 'height'],
      ...['original_width', 'original_height', 'exif', 'sha256', 'mime', 'bytes'],
    ]);
    assert.deepEqual([said.key, said.n, said.exif], ['000005', 6, '{"Make":"maker 6"}']);
  });

  it('DuckDB reads every row, in columns of their types', async () => {
    using dir = scratch();
    await pack(dir.path, rows, { spec: { hash: 'md5', phash: true, duplicates: 'digest' } });
    const table = path.join(dir.path, '00000.parquet');
    assert.deepEqual(await columnsOf(table), [
      ...['caption VARCHAR', 'score DOUBLE', 'n BIGINT', 'ok BOOLEAN', 'url VARCHAR', 'key VARCHAR'],
      ...['status VARCHAR', 'error_message VARCHAR', 'width INTEGER', 'height INTEGER'],
      ...[
        'original_width INTEGER',
        'original_height INTEGER',
        'exif VARCHAR',
        'sha256 VARCHAR',
        'mime VARCHAR',
      ],
      ...['bytes BIGINT', 'md5 VARCHAR', 'phash VARCHAR'],
    ]);
    const found = await query(
      `SELECT key, status, error_message, width, n, score FROM '${table}' ORDER BY key`,
    );
    assert.deepEqual(
      found.map(({ key, status, error_message }) => [key, status, error_message]),
      [
        ['000000', 'success', null],
        ['000001', 'failed_to_download', 'not-found: https://pictures.example/2.jpg answers 404'],
        ['000002', 'failed_to_download', 'robots: noai'],
        ['000003', 'failed_to_resize', 'too-small: 20 pixels; 200 are wanted'],
        ['000004', 'failed_to_resize', 'duplicate: the same as 000000'],
        ['000005', 'success', null],
        ['000006', 'success', null],
      ],
    );
    assert.deepEqual([found[1]?.width, found[1]?.n, found[1]?.score], [null, '2', 1]);
  });

  it('DuckDB reads the pictures out of Parquet, over row groups, and again after rows were added', async () => {
    using dir = scratch();
    const many: Row[] = Array.from({ length: 4500 }, (_, at) => (at % 7 === 0 ? { fails: true } : {}));
    const spec = { output: 'parquet' as const, shardSize: 5000 };
    const table = path.join(dir.path, '00000.parquet');
    const check = async (expected: number) => {
      assert.equal((await columnsOf(table)).at(-1), 'jpg BLOB');
      const [counts] = await query(
        `SELECT count(*) AS n, count(jpg) AS pictures, sum((sha256(jpg) = sha256)::INT) AS good FROM '${table}'`,
      );
      assert.deepEqual(counts, { n: '4500', pictures: String(expected), good: String(expected) });
      const groups = await query(
        `SELECT count(DISTINCT row_group_id) AS n FROM parquet_metadata('${table}')`,
      );
      assert.deepEqual(groups, [{ n: '3' }]);
    };
    await pack(dir.path, many, { spec });
    await check(3857);
    many[0] = {};
    await pack(dir.path, many, { spec });
    await check(3858);
  });

  it('types a column by its values; what is mixed, or nested, is text; names that are ours get out of the way', async () => {
    using dir = scratch();
    const columns: Record<string, Json>[] = [
      { mixed: 1, nested: [1, { a: 2 }], width: 7, big: 9007199254740991, none: null, whole: 1, truth: null },
      { mixed: 'x', nested: null, width: 8, big: -9007199254740991, none: null, whole: 2.5, truth: true },
      {
        mixed: true,
        nested: 'text',
        late: 'y',
        big: 0,
        none: null,
        whole: 3,
        truth: false,
        ['__proto__']: 'p',
      },
    ];
    const table = path.join(dir.path, '00000.parquet');
    const check = async () => {
      const all = await columnsOf(table);
      const own = all.filter((name) => /^(mixed|nested|input_|big|none|whole|late|truth)/.test(name));
      assert.deepEqual(own, [
        ...[
          'mixed VARCHAR',
          'nested VARCHAR',
          'input_width BIGINT',
          'big BIGINT',
          'none VARCHAR',
          'whole DOUBLE',
        ],
        ...['truth BOOLEAN', 'late VARCHAR', 'input___proto__ VARCHAR'],
      ]);
      assert.deepEqual(await query(`SELECT mixed, nested, input_width, big, late, truth FROM '${table}'`), [
        {
          mixed: '1',
          nested: '[1,{"a":2}]',
          input_width: '7',
          big: '9007199254740991',
          late: null,
          truth: null,
        },
        { mixed: 'x', nested: null, input_width: '8', big: '-9007199254740991', late: null, truth: true },
        { mixed: 'true', nested: 'text', input_width: null, big: '0', late: 'y', truth: false },
      ]);
    };
    await pack(
      dir.path,
      columns.map((some, at) => ({ columns: some, fails: at === 1 })),
    );
    await check();
    await pack(
      dir.path,
      columns.map((some) => ({ columns: some })),
    );
    await check();
  });
});
