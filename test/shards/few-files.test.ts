import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { asGallopError } from '../../src/core/errors.ts';
import { needs } from '../support/needs.ts';
import { filesIn, scratch } from '../support/scratch.ts';

const program = fileURLToPath(new URL('few-files-process.ts', import.meta.url));
const noLimit = needs(process.platform !== 'win32', 'no ulimit');

test('with no open file to have, packing waits until there are some', { skip: noLimit }, async () => {
  using dir = scratch();
  const words = ['-c', 'ulimit -n 60; exec "$0" "$@"', process.execPath, program, dir.path];
  const { stdout } = await promisify(execFile)('sh', words);
  assert.equal(stdout, 'done\n');
  assert.deepEqual(
    filesIn(dir.path).map((file) => path.basename(file)),
    ['00000', '00001'].flatMap((name) => [`${name}.parquet`, `${name}.tar`, `${name}_stats.json`]),
  );
});

test('where there are too few files for good, that is no fault of ours', () => {
  const ofFile = Object.assign(new Error('EMFILE: too many open files, open x'), { code: 'EMFILE' });
  // As Node has it, of a folder that is to be removed.
  const ofFolder = Object.assign(new Error(', Unknown error: Too many open files x'), { code: '' });
  for (const error of [ofFile, ofFolder]) {
    const { code, exitCode, hint } = asGallopError(error);
    assert.deepEqual([code, exitCode], ['too-many-files', 5]);
    assert.match(hint!, /ulimit -n/);
  }
  assert.equal(asGallopError(Object.assign(new Error('EMFILE.jpg'), { code: 'ENOENT' })).code, 'internal');
});
