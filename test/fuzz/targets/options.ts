import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { configuredOptions, loadEnvironment } from '../../../src/cli/configuration.ts';
import { GallopError, UsageError } from '../../../src/core/errors.ts';
import { defaultRunSpec, runOptions } from '../../../src/core/options/options.ts';
import {
  optionsFromConfig,
  optionsFromEnvironment,
  resolveRunSpec,
} from '../../../src/core/options/resolve-options.ts';
import { configName, environmentName } from '../../../src/core/options/run-option.ts';
import { proxySettings } from '../../../src/core/proxy-settings.ts';
import { parseOriginOptions } from '../../../src/origin/options.ts';
import { wantedRange } from '../../../src/origin/range.ts';
import { resolveOriginOptions } from '../../../src/origin/resolve-options.ts';
import { imgurCredentials } from '../../../src/sources/imgur-credentials.ts';
import { textsNear } from '../mutations.ts';
import { allowing, target } from '../target.ts';

const values = textsNear(
  [
    '8s',
    '500ms',
    '1.5h',
    '256KiB',
    '2MB/s',
    '1-20,40-',
    '100',
    'true',
    'name: value',
    'http://127.0.0.1:8080/',
    'async',
    'magic',
    '{album}/{id}',
  ],
  ['ms', 'KiB', '/s', '-', ',', 'x-name', '1e9', '٣'],
);
const keys = fc.constantFrom(...runOptions.map(({ key }) => key));

/** What an option's own reader takes, the check of every run takes, too. */
const kinds = target<{ key: string; text: string }>({
  name: 'values of options',
  weight: 60,
  open: () => ({
    inputs: fc.record({ key: keys, text: values }),
    check({ key, text }) {
      const option = runOptions.find((each) => each.key === key)!;
      const value = allowing([UsageError], () => option.parse(text));
      if (value === undefined) return;
      assert.equal(option.check(value), null);
      resolveRunSpec({ [key]: value });
    },
  }),
});

const environments = target<Record<string, string>>({
  name: 'GALLOP_ variables',
  weight: 20,
  open: () => ({
    inputs: fc
      .array(
        fc.tuple(
          fc.constantFrom(
            ...runOptions.map(environmentName),
            'GALLOP_OTHER',
            'HTTP_PROXY',
            'https_proxy',
            'NO_PROXY',
            'CLIENT_ID',
          ),
          values,
        ),
        { minLength: 1, maxLength: 3 },
      )
      .map((pairs) => Object.fromEntries(pairs)),
    check(environment) {
      const given = allowing([UsageError], () => optionsFromEnvironment(environment));
      if (given !== undefined) resolveRunSpec(given);
      const proxies = allowing([UsageError], () => proxySettings(defaultRunSpec, environment));
      for (const address of [proxies?.httpProxy, proxies?.httpsProxy]) {
        if (address) assert.match(URL.parse(address)?.protocol ?? '', /^https?:$/);
      }
      allowing([GallopError], () => imgurCredentials(environment));
    },
  }),
});

const config = JSON.stringify({
  dir: 'pictures',
  perHost: 20,
  timeout: '5m',
  maxBytes: 2e9,
  header: { 'x-name': 'value' },
  range: [{ from: 1, to: null }],
  anyType: true,
  limitRate: '2MB/s',
});
const configs = textsNear(
  [config, '{}', '{"dir": null, "range": "1-2"}'],
  [...runOptions.map((option) => `"${configName(option)}":`), '1e999', '{"__proto__":{}}'],
);

const configuration = target<string>({
  name: 'gallop.config.json, read',
  weight: 40,
  open: () => ({
    inputs: configs,
    check(text) {
      let parsed: unknown;
      try {
        parsed = JSON.parse(text);
      } catch {
        return;
      }
      const given = allowing([UsageError], () => optionsFromConfig(parsed, 'gallop.config.json'));
      if (given !== undefined) resolveRunSpec(given);
      // A library's user may pass anything, too.
      if (parsed) allowing([UsageError], () => resolveRunSpec(parsed));
    },
  }),
});

const files = target<{ config: string; env: string }>({
  name: 'gallop.config.json and .env, on the disk',
  weight: 2,
  open: () => {
    const directory = mkdtempSync(join(tmpdir(), 'gallop-fuzz-'));
    return {
      inputs: fc.record({
        config: configs,
        env: textsNear(
          ['CLIENT_ID=abc\nGALLOP_DIR="x y"\n', "export A='b' # c\r\nB=`d\ne`\n"],
          ['=', '#', '$', '{CLIENT_ID}', '\\n'],
        ),
      }),
      check({ config, env }) {
        writeFileSync(join(directory, 'gallop.config.json'), config);
        writeFileSync(join(directory, '.env'), env);
        const environment = loadEnvironment({ HOME: '/' }, directory);
        assert.equal(environment.HOME, '/');
        for (const value of Object.values(environment)) assert.equal(typeof value, 'string');
        const given = allowing([UsageError], () => configuredOptions({ dir: 'd' }, environment, directory));
        if (given !== undefined) assert.equal(resolveRunSpec(given).dir, 'd');
      },
      close: () => rmSync(directory, { recursive: true }),
    };
  },
});

/** What `demo:` takes, the origin takes, too, also when it crossed the border to its process. */
const demo = target<string>({
  name: 'parameters of demo:',
  weight: 60,
  open: () => ({
    inputs: textsNear(
      [
        '?images=200&rtt=40ms&think=30-90ms&connection=1MB/s&knee=24',
        'bytes=300KB&kinds=jpeg,png&faults=5%&seed=7',
        '//?link=none&slowstart=off&kneemode=slow&port=0',
      ],
      ['images=', 'bytes=', 'rtt=', 'think=', 'connection=', 'link=', 'faults=', '-', 'ms', '%25', '&&'],
    ),
    check(text) {
      const options = allowing([UsageError], () => parseOriginOptions(text));
      if (options === undefined) return;
      assert.deepEqual(resolveOriginOptions(options), options);
      assert.deepEqual(JSON.parse(JSON.stringify(options)), options);
    },
  }),
});

const ranges = target<{ range: string; ifRange: string | undefined; length: number }>({
  name: 'Range, asked of the origin',
  weight: 30,
  open: () => ({
    inputs: fc.record({
      range: textsNear(['bytes=0-99', 'bytes=100-', 'bytes=-5', 'bytes=5-2'], ['bytes=', '-', ',']),
      ifRange: fc.option(fc.constantFrom('"tag"', 'W/"tag"', ''), { nil: undefined }),
      length: fc.nat({ max: 1000 }),
    }),
    check({ range, ifRange, length }) {
      const wanted = wantedRange({ range, 'if-range': ifRange }, length, {
        etag: '"tag"',
        lastModified: 'never',
      });
      if (wanted.kind !== 'part') return;
      assert.ok(
        wanted.start >= 0 && wanted.start < wanted.end && wanted.end <= length,
        JSON.stringify(wanted),
      );
    },
  }),
});

export const optionTargets = [kinds, environments, configuration, files, demo, ranges];
