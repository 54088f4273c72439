import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HandedBackError } from '../../src/core/handed-back.ts';
import type { Work } from '../../src/core/run-spec.ts';
import { FileCeiling } from '../../src/strategies/file-ceiling.ts';
import { HostQueues } from '../../src/strategies/host-queues.ts';
import { HostWindows } from '../../src/strategies/host-windows.ts';
import { WorkerLostError } from '../../src/strategies/place.ts';
import { Returns } from '../../src/strategies/returns.ts';

const workOf = (name: string): Work => ({
  item: { key: name, url: `http://host/${name}`, name, index: 1, reach: [] },
  ...{ target: `${name}.{ext}`, ownedPath: null, adoptSinceMs: null },
});

function begin(names: string[]) {
  const notes: string[] = [];
  const windows = new HostWindows({ initial: 9, ceilingOf: () => 9, recall: () => undefined });
  const queues = new HostQueues(windows, 60_000);
  const files = new FileCeiling();
  const returns = new Returns({ note: (_, message) => notes.push(message) }, queues, files);
  for (const name of names) queues.add(workOf(name));
  const taken = names.map(() => queues.take()!);
  return { notes, queues, files, returns, taken };
}

const died = new WorkerLostError('a worker thread ended');
const later = new HandedBackError({
  ...{ why: 'failed', afterMs: 60_000, before: { ms: 1, attempts: 1, address: 0, tries: 1 } },
});

describe('work that comes back', () => {
  it('from a death goes on one after the other, and fails at the third', () => {
    const { queues, returns, taken } = begin(['a', 'b']);
    const works = taken.map(({ work }) => work);
    for (const work of works) assert.equal(returns.lost(work, died), undefined);
    for (const [turn, work] of works.entries()) {
      assert.equal(queues.size, 0);
      // Asked often, one is let go on alone.
      for (let times = 0; times < 3; times += 1) returns.takeUp();
      assert.equal(queues.size, 1);
      assert.equal(queues.take()!.work, work);
      if (turn === 0) returns.ended(work);
    }
    const [, last] = works as [Work, Work];
    assert.equal(returns.lost(last, died), undefined);
    const outcome = returns.lost(last, died);
    assert.deepEqual([outcome?.status, outcome?.error?.code], ['failed', 'worker-lost']);
    assert.match(outcome!.error!.message, /^a worker thread ended, 3 times with this item$/);
    assert.equal(outcome!.error!.retryable, true);
  });

  it('for want of a file is first again, twelve times; that there are too few is said once', () => {
    const { notes, queues, files, returns, taken } = begin(['a']);
    const [{ work }] = taken as [(typeof taken)[number]];
    queues.add(workOf('b'));
    for (let times = 0; times < 12; times += 1) {
      assert.equal(returns.foundNoFile(work, 8), true);
      assert.equal(queues.take()!.work, work);
    }
    assert.equal(returns.foundNoFile(work, 8), false);
    assert.equal(queues.size, 1);
    assert.equal(notes.length, 1);
    assert.ok(files.limit < 8, String(files.limit));
  });

  it('handed back waits for its time', () => {
    const { queues, returns, taken } = begin(['a']);
    const [{ work, host }] = taken as [(typeof taken)[number]];
    returns.handedBack(work, host, later);
    queues.release(work, host);
    assert.equal(queues.size, 1);
    assert.equal(queues.take(), undefined);
    assert.equal(work.before?.attempts, 1);
  });

  it('waits for nothing once the run is stopped', () => {
    const { queues, returns, taken } = begin(['a', 'b', 'c', 'd']);
    const [early, a, b, c] = taken as [(typeof taken)[number], ...typeof taken];
    returns.lost(early.work, died);
    returns.stop();
    returns.handedBack(a!.work, a!.host, later);
    returns.lost(b!.work, died);
    assert.equal(returns.foundNoFile(c!.work, 8), true);
    returns.takeUp();
    assert.equal(queues.size, 0);
  });
});
