import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { asDiskError, asGallopError, GallopError, UsageError } from '../../../src/core/errors.ts';
import { addressRange } from '../../../src/http/address-range.ts';
import { classifyError } from '../../../src/http/classify-error.ts';
import { readCookies } from '../../../src/http/cookies.ts';
import { RequestError } from '../../../src/http/request-error.ts';
import { textsNear } from '../mutations.ts';
import { expectFailure } from '../shapes.ts';
import { allowing, target } from '../target.ts';

const url = new URL('https://pictures.example/a/b.jpg');

const systemError = fc.record({
  code: fc.oneof(
    fc.constantFrom(
      'ECONNRESET',
      'ENOSPC',
      'EMFILE',
      'UND_ERR_SOCKET',
      'CERT_HAS_EXPIRED',
      'constructor',
      '__proto__',
    ),
    fc.string(),
  ),
  message: textsNear([
    'Response does not match the HTTP/1.1 protocol (Invalid header token)',
    'Proxy response (407)',
  ]),
  name: fc.constantFrom('Error', 'HTTPParserError', 'AbortError'),
});
const anyError = fc.oneof(
  systemError.map(({ code, message, name }) => Object.assign(new Error(message), { code, name })),
  fc
    .array(systemError, { maxLength: 2 })
    .map(
      (inner) =>
        new AggregateError(inner.map(({ code, message }) => Object.assign(new Error(message), { code }))),
    ),
  fc.anything({ withNullPrototype: true, maxDepth: 1 }),
);

const errors = target<{ thrown: unknown }>({
  name: 'whatever is thrown',
  weight: 40,
  open: () => ({
    inputs: fc.record({ thrown: anyError }),
    check({ thrown }) {
      const meant = classifyError(thrown, url);
      assert.ok(meant instanceof RequestError || meant instanceof GallopError);
      if (meant instanceof RequestError)
        expectFailure({ ...meant.failure, message: meant.message.slice(0, 5000) });
      const ended = asGallopError(thrown);
      assert.ok(ended instanceof GallopError && Number.isInteger(ended.exitCode));
      assert.ok((asDiskError(thrown, '/x')?.exitCode ?? 5) === 5);
    },
  }),
});

const cookieLines = [
  '# Netscape HTTP Cookie File\n.pictures.example\tTRUE\t/\tTRUE\t1893456000\tname\tvalue\n',
  '#HttpOnly_pictures.example\tFALSE\t/a\tFALSE\t0\tsession\tabc=def\r\n',
  'localhost\tFALSE\t/\tFALSE\t1700000000\ta\t\n127.0.0.1\tTRUE\t/\tFALSE\t0\tb\tc d\n',
];

const cookies = target<string>({
  name: 'a file of cookies',
  weight: 3,
  open: () => {
    const directory = mkdtempSync(join(tmpdir(), 'gallop-fuzz-'));
    const file = join(directory, 'cookies.txt');
    return {
      inputs: textsNear(cookieLines, [
        '\t',
        '\tTRUE\t',
        '.example',
        '1e300',
        'xn--',
        '[::1',
        'a'.repeat(5000),
      ]),
      check(text) {
        writeFileSync(file, text);
        const jar = allowing([UsageError], () => readCookies(file));
        for (const address of [
          'https://pictures.example/a/b.jpg',
          'http://127.0.0.1/',
          'http://localhost/',
        ]) {
          // What no header can hold would fail every request to that host.
          assert.match(jar?.getCookieStringSync(address) ?? '', /^[\t\x20-\x7e\x80-\xff]*$/);
        }
      },
      close: () => rmSync(directory, { recursive: true }),
    };
  },
});

const ranges = ['public', 'loopback', 'private', 'local'];

const addresses = target<string>({
  name: 'addresses of hosts',
  weight: 60,
  open: () => ({
    inputs: textsNear(
      [
        '127.0.0.1',
        '10.1.2.3',
        '169.254.169.254',
        '8.8.8.8',
        '::1',
        'fe80::1%eth0',
        '::ffff:192.168.0.1',
        '[2001:db8::1]',
        '64:ff9b::7f00:1',
        '2002:7f00:1::',
      ],
      ['0x7f', '017700000001', '2130706433', '::', ':ffff:', '%25'],
    ),
    check(text) {
      const range = addressRange(text);
      assert.ok(ranges.includes(range), range);
      if (isIP(text) === 4) {
        for (const wrapped of [`::ffff:${text}`, `[::FFFF:${text}]`, `64:ff9b::${text}`]) {
          assert.equal(addressRange(wrapped), range, wrapped);
        }
      } else if (isIP(text) === 6 && !text.includes('%')) {
        // However an address is written, it is the same one.
        assert.equal(addressRange(new URL(`http://[${text}]/`).hostname), range);
      }
    },
  }),
});

export const connectionTargets = [errors, cookies, addresses];
