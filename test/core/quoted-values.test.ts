import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageError } from '../../src/core/errors.ts';
import { runOptions } from '../../src/core/options/options.ts';
import { optionsFromConfig, optionsFromEnvironment } from '../../src/core/options/resolve-options.ts';
import { configName, environmentName } from '../../src/core/options/run-option.ts';
import { quoted } from '../../src/core/printable-url.ts';

/** A password as people paste it, also with what would have to be written as %2F, %2C and %40. */
const passwords = ['s3cret', 's3/cr3t', 's3,cr3t', 's3@cr3t', 's3#cr3t', '12/s3cret', 's3 cr3t'];
const address = (password: string) => [
  `socks5://user:${password}@h:1`,
  `htp:/user:${password}@h:1`,
  `user:${password}@h`,
  `//user:${password}@h`,
  `http://user:${password}@[h`,
];
const values = passwords.flatMap((password) => address(password).map((value) => ({ password, value })));

/** What refuses the value, or nothing. */
function refusal(read: () => unknown): string {
  try {
    read();
    return '';
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return `${error.message} ${error.hint ?? ''} ${(error.cause as Error | undefined)?.message ?? ''}`;
  }
}

describe('a value that is refused is repeated without the password that it may hold', () => {
  for (const option of runOptions) {
    it(option.flags, () => {
      for (const { password, value } of values) {
        const said = [
          refusal(() => option.parse(value)),
          refusal(() => optionsFromEnvironment({ [environmentName(option)]: value })),
          refusal(() => optionsFromConfig({ [configName(option)]: value }, 'gallop.config.json')),
        ];
        for (const text of said) {
          for (const part of password.split(/[/,@# ]/)) {
            assert.ok(part === '12' || !text.includes(part), `${text} repeats ${part}`);
          }
        }
      }
    });
  }
});

it('enough options refuse an address for the rows above to mean something', () => {
  const refusing = runOptions.filter(
    (option) => refusal(() => option.parse('socks5://user:s3cret@h:1')) !== '',
  );
  assert.ok(refusing.length > runOptions.length / 2, String(refusing.length));
  const proxy = runOptions.find(({ key }) => key === 'proxy')!;
  assert.match(
    refusal(() => proxy.parse('socks5://user:s3cret@h:1')),
    /^'…@h:1' must be an address such as/,
  );
});

it('a value is repeated as it is, up to three hundred characters', () => {
  assert.equal(quoted('fifty'), "'fifty'");
  assert.equal(quoted('x'.repeat(400)), `'${'x'.repeat(300)}…'`);
  assert.ok(quoted(`${'x'.repeat(299)}👩 and more`).isWellFormed());
});
