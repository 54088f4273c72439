import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noTimings, type Outcome } from '../../src/core/outcome.ts';
import { Meter } from '../../src/run/meter.ts';

/** A meter, and the clock that it reads. */
function metered() {
  const clock = { ms: 5000 };
  return { clock, meter: new Meter(() => clock.ms) };
}

const outcome = (status: Outcome['status'], bytes: number): Outcome => ({
  ...{ status, key: 'k', url: 'u', index: 1, path: null, bytes, sha256: null, mime: null },
  ...{ width: null, height: null, attempts: 1, ms: noTimings(), startedMs: 0, endedMs: 1, slot: 0 },
});

test('counts by how items ended; the bytes are those of what was saved', () => {
  const { clock, meter } = metered();
  for (const [status, bytes] of [
    ['saved', 10],
    ['saved', 5],
    ['kept', 100],
    ['skipped', 0],
    ['failed', 0],
  ] as const) {
    meter.count(outcome(status, bytes));
  }
  clock.ms += 2500;
  meter.count({ ...outcome('skipped', 0), skip: { code: 'too-small', message: 'm' } });
  assert.deepEqual(meter.skippedBy, { 'too-small': 1 });
  assert.equal(meter.progress(0).skipped, 2);
  const { saved, kept, skipped, failed, savedBytes, done, seconds } = meter;
  assert.deepEqual(
    { saved, kept, skipped, failed, savedBytes, done, seconds },
    { saved: 2, kept: 1, skipped: 2, failed: 1, savedBytes: 15, done: 6, seconds: 2.5 },
  );
});

test('the first rate is that since the beginning, and no time is no rate', () => {
  const { clock, meter } = metered();
  meter.received(1000);
  assert.equal(meter.progress(1).bytesPerSecond, 0);
  const other = metered();
  other.meter.received(1000);
  other.clock.ms += 500;
  assert.equal(other.meter.progress(1).bytesPerSecond, 2000);
  clock.ms += 1;
});

test('the rate is that of the last seconds, not of the whole run', () => {
  const { clock, meter } = metered();
  for (let n = 0; n < 20; n += 1) {
    clock.ms += 200;
    meter.received(200_000);
    meter.progress(3);
  }
  let last = meter.progress(3);
  assert.equal(last.bytesPerSecond, 1_000_000);
  for (let n = 0; n < 20; n += 1) {
    clock.ms += 200;
    last = meter.progress(3);
  }
  assert.equal(last.bytesPerSecond, 0);
  assert.deepEqual([last.bytes, last.inFlight, last.total], [4_000_000, 3, null]);
});
