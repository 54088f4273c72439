import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Before, HandedBackError } from '../../src/core/handed-back.ts';
import { HandBacks } from '../../src/download/hand-back.ts';
import { RequestError } from '../../src/http/request-error.ts';
import { TakenBackError } from '../../src/http/take-back.ts';
import { DirectorySink, prepareDirectory } from '../../src/sinks/directory.ts';
import type { Draft } from '../../src/sinks/sink.ts';
import { scratch } from '../support/scratch.ts';

async function withDraft(step: (draft: Draft) => Promise<void> | void): Promise<void> {
  using work = scratch();
  prepareDirectory(work.path);
  const draft = new DirectorySink(work.path, { fsync: false }).draft('key');
  try {
    await step(draft);
  } finally {
    await draft.discard();
  }
}

const handBackOf = (error: HandedBackError | undefined) => {
  if (error === undefined) return undefined;
  assert.ok(error instanceof HandedBackError);
  return error.handBack;
};

const lost = () => new RequestError('connection-lost', 'broke');

describe('an item that may be gone on with elsewhere', () => {
  it('has begun as often as it had before, at the address that it was at', () =>
    withDraft((draft) => {
      const before: Before = { ms: 7, attempts: 5, address: 1, tries: 3 };
      const tries = [0, 1, 2].map((address) => new HandBacks(address, draft, before).tries);
      assert.deepEqual(tries, [0, 3, 0]);
      assert.equal(new HandBacks(0, draft, undefined).tries, 0);
    }));

  it('that was taken back waits for no time, and its try was as good as none', () =>
    withDraft((draft) => {
      const handBacks = new HandBacks(0, draft, undefined);
      handBacks.tries = 2;
      assert.deepEqual(handBackOf(handBacks.ofTakenBack(new TakenBackError('host'), 40, 3)), {
        ...{ why: 'silent', afterMs: 0, before: { ms: 40, attempts: 2, address: 0, tries: 1 } },
      });
      assert.equal(handBacks.ofTakenBack(lost(), 40, 3), undefined);
    }));

  it('waits for its next try without a slot; its tries count', () =>
    withDraft((draft) => {
      const failures: [RequestError, string][] = [
        [new RequestError('connect', 'refused'), 'unreachable'],
        [new RequestError('dns', 'no answer', { retryable: true }), 'unreachable'],
        [lost(), 'failed'],
        [new RequestError('server-error', '500', { status: 500 }), 'failed'],
      ];
      for (const [error, why] of failures) {
        const handBacks = new HandBacks(1, draft, undefined);
        handBacks.tries = 2;
        assert.deepEqual(
          handBackOf(handBacks.ofFailed(error, 900, 40, 3)),
          { why, afterMs: 900, before: { ms: 40, attempts: 3, address: 1, tries: 2 } },
          error.message,
        );
      }
    }));

  it('may be taken back at its first address alone', () =>
    withDraft((draft) => {
      assert.deepEqual(
        [0, 1].map((address) => new HandBacks(address, draft, undefined).mayTakeBack),
        [true, false],
      );
    }));
});

describe('an item stays where it is', () => {
  const failures: [name: string, RequestError][] = [
    ['asked for a wait', new RequestError('server-error', '500', { status: 500, retryAfterMs: 1000 })],
    [
      'said that it is over capacity',
      new RequestError('server-error', '500', { status: 500, isOverCapacity: true }),
    ],
    ['slows the whole host', new RequestError('throttled', '429', { status: 429 })],
    ['said something of the item', new RequestError('mismatch', 'other bytes')],
  ];
  for (const [name, error] of failures) {
    it(`whose server ${name}, also when it fails in another way after that`, () =>
      withDraft((draft) => {
        const handBacks = new HandBacks(0, draft, undefined);
        assert.equal(handBacks.ofFailed(error, 900, 40, 1), undefined);
        assert.equal(handBacks.ofFailed(lost(), 900, 40, 2), undefined);
        assert.equal(handBacks.mayTakeBack, false);
      }));
  }

  it('as long as bytes of it are there, at their beginning or ahead of it', async () => {
    const steps: ((draft: Draft) => Promise<void> | undefined)[] = [
      (draft) => draft.append(Buffer.from('bytes')),
      (draft) => draft.section(10).append(Buffer.from('bytes')),
    ];
    for (const step of steps) {
      await withDraft(async (draft) => {
        const handBacks = new HandBacks(0, draft, undefined);
        await step(draft);
        assert.equal(handBacks.mayTakeBack, false);
        assert.equal(handBacks.ofFailed(lost(), 900, 40, 1), undefined);
        draft.restart();
        assert.equal(handBacks.mayTakeBack, true);
        assert.equal(handBackOf(handBacks.ofFailed(lost(), 900, 40, 2))?.why, 'failed');
      });
    }
  });
});
