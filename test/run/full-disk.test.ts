import { test } from 'node:test';
import { fullDisk } from '../soak/limits/full-disk.ts';
import { sources as program } from '../soak/program.ts';
import { needs } from '../support/needs.ts';
import { tinyDisk } from '../support/tiny-disk.ts';

const probe = tinyDisk(100_000);
probe?.[Symbol.dispose]();
const skip = needs(probe !== null, 'this user cannot mount a small file system');

for (const strategy of ['async', 'threads', 'processes'] as const) {
  test(`${strategy}: a disk that becomes full ends the run with 5, nothing torn, nothing left over; with room it goes on`, {
    skip,
  }, async () => {
    await fullDisk({ program, strategy, items: 60, diskBytes: 5_000_000 });
  });
}
