import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { type CampaignResult, runCampaign } from './campaign.ts';

const seed = 20;
const named: Record<string, CampaignResult> = {};

/** The first input over the limit, as any run with this seed has it. */
const first = () => {
  const inputs = fc.sample(fc.integer({ min: 0, max: 1000 }), { seed, numRuns: 200 });
  const at = inputs.findIndex((number) => number >= 700);
  return { at, value: inputs[at]! };
};

describe('a campaign of fuzzing finds', () => {
  before(async () => {
    const names = ['throws', 'hangs', 'exits', 'eats', 'behaves'];
    const results = await runCampaign({
      entry: new URL('./fixtures/misbehaving.ts', import.meta.url),
      shares: new Map(names.map((name) => [name, 200])),
      seed,
      hangMs: 1500,
      maxRssBytes: 220 * 1024 ** 2,
    });
    for (const result of results) named[result.target] = result;
  });

  it('an error, with the smallest input that brings it forth', () => {
    assert.match(named.throws!.failure!.message, /too much/);
    assert.equal(named.throws!.failure!.input, '700');
  });

  it('a hang, with its input', () => {
    const { at, value } = first();
    assert.match(named.hangs!.failure!.message, /hangs/);
    assert.equal(named.hangs!.failure!.input, `number ${at + 1}: ${value}`);
  });

  it('an end of the process, with its input', () => {
    const { at, value } = first();
    assert.match(named.exits!.failure!.message, /ended with code 3/);
    assert.equal(named.exits!.failure!.input, `number ${at + 1}: ${value}`);
  });

  it('memory without bounds', () => {
    assert.match(named.eats!.failure!.message, /\d+ MiB of memory/);
  });

  it('nothing where nothing is wrong', () => {
    assert.equal(named.behaves!.failure, null);
    assert.equal(named.behaves!.inputs, 200);
  });
});
