import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { configuredOptions, loadEnvironment } from '../../src/cli/configuration.ts';
import { UsageError } from '../../src/index.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gallop-cli-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const config = (text: string) => writeFileSync(join(directory, 'gallop.config.json'), text);

test('flags win over the environment, the environment over the file', () => {
  config('{"dir": "of-file", "perHost": 3, "timeout": "9s"}');
  const environment = { GALLOP_DIR: 'of-environment', GALLOP_PER_HOST: '5' };
  assert.deepEqual(configuredOptions({ dir: 'of-flag' }, environment, directory), {
    dir: 'of-flag',
    perHost: 5,
    timeoutMs: 9000,
  });
});

test('a bad value names where it stands', () => {
  config('{"perHost": 0}');
  assert.throws(
    () => configuredOptions({}, {}, directory),
    /gallop\.config\.json: perHost: must be a whole number/,
  );
  config('{"perHots": 1}');
  assert.throws(() => configuredOptions({}, {}, directory), /there is no option 'perHots'/);
  config('{}');
  assert.throws(() => configuredOptions({}, { GALLOP_TIMEOUT: 'soon' }, directory), /GALLOP_TIMEOUT: 'soon'/);
});

test('a file that is not JSON is refused without repeating what it holds', () => {
  for (const text of [
    '{"header": {"Authorization": "Bearer s3cret"} x',
    '{"header": "s3cret',
    's3cret',
    '',
  ]) {
    config(text);
    assert.throws(
      () => configuredOptions({}, {}, directory),
      (error) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, /^gallop\.config\.json is not JSON/);
        assert.equal(error.cause, undefined);
        assert.doesNotMatch(error.message, /s3c/);
        return true;
      },
    );
  }
});

test('.env adds to the environment, which wins, and does not become that of this process', () => {
  writeFileSync(join(directory, '.env'), '# mine\nCLIENT_ID=from-file\nexport GALLOP_DIR="a b"\nSHELL=x\n');
  const environment = loadEnvironment({ CLIENT_ID: 'real' }, directory);
  assert.deepEqual(environment, { CLIENT_ID: 'real', GALLOP_DIR: 'a b', SHELL: 'x' });
  assert.equal(process.env.GALLOP_DIR, undefined);
});

test('no .env, or a directory of that name, is nothing', () => {
  assert.deepEqual(loadEnvironment({ A: '1' }, directory), { A: '1' });
  mkdirSync(join(directory, '.env'));
  assert.deepEqual(loadEnvironment({ A: '1' }, directory), { A: '1' });
});
