/** The bare library over files on the disk, as many at once as there are cores: SOURCE DIRECTORY SIDE. */
import { readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';

const [source, directory, side] = process.argv.slice(2);
sharp.cache(false);
sharp.concurrency(1);
const names = await readdir(source);
async function work() {
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    await sharp(join(source, name))
      .autoOrient()
      .resize(Number(side), Number(side), { fit: 'inside' })
      .toFile(join(directory, name));
  }
}
await Promise.all(Array.from({ length: availableParallelism() }, work));
