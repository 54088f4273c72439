import fs from 'node:fs';
import { openPacker } from '../../src/shards/packer.ts';
import { downloaded, itemOf, specFor } from './packing.ts';

/** Packs while all files that this process may have are open, as by downloads that end soon. */
const dir = process.argv[2]!;
const packer = await openPacker(specFor(dir), () => {});
for (let index = 1; index <= 20; index += 1) {
  await packer.take(itemOf(index));
  const outcome = downloaded(packer, dir, itemOf(index), {});
  if (index === 20) takeAllFiles();
  packer.add(outcome);
}
await packer.end();
await packer.close();
process.stdout.write('done\n');

function takeAllFiles(): void {
  const taken: number[] = [];
  try {
    for (;;) taken.push(fs.openSync('/dev/null', 'r'));
  } catch {
    setTimeout(() => {
      for (const descriptor of taken) fs.closeSync(descriptor);
    }, 100);
  }
}
