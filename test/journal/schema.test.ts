import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import { bringUp, migrate, schemaVersion, versionOf } from '../../src/journal/schema.ts';

const newest = 'CREATE TABLE IF NOT EXISTS things (a, b, c, d)';
const steps = ['b', 'c', 'd'].map((column) => `ALTER TABLE things ADD COLUMN ${column}`);

/** A database of a version whose tables have `columns`. */
function versioned(version: number, columns: string): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  database.exec(`CREATE TABLE things (${columns}); PRAGMA user_version = ${version}`);
  return database;
}

const columnsOf = (database: DatabaseSync, table = 'things') =>
  database
    .prepare(`PRAGMA table_info(${table})`)
    .all()
    .map(({ name }) => name)
    .join();

for (const [version, columns] of [
  [1, 'a'],
  [2, 'a, b'],
  [3, 'a, b, c'],
] as const) {
  it(`tables of version ${version} are brought up to version 4 in one go`, () => {
    using database = versioned(version, columns);
    migrate(database, steps, newest);
    assert.deepEqual([columnsOf(database), versionOf(database)], ['a,b,c,d', 4]);
  });
}

it('where one step fails none is done', () => {
  using database = versioned(1, 'a');
  const broken = steps.with(2, 'ALTER TABLE missing ADD COLUMN d');
  assert.throws(() => migrate(database, broken, newest), /no such table: missing/);
  assert.deepEqual([columnsOf(database), versionOf(database)], ['a', 1]);
});

it('a later version is left as it is', () => {
  using database = versioned(5, 'x');
  migrate(database, steps, newest);
  assert.deepEqual([columnsOf(database), versionOf(database)], ['x', 5]);
});

for (const version of [0, -7, -(2 ** 31)]) {
  it(`of a version that no run wrote (${version}) no step is taken: its tables are those of a new journal`, () => {
    using database = new DatabaseSync(':memory:');
    database.exec(`PRAGMA user_version = ${version}`);
    bringUp(database);
    assert.match(columnsOf(database, 'items'), /^key,collision,target,.*,recipe,ended_ms,facts,made$/);
    assert.equal(versionOf(database), schemaVersion);
  });
}
