import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Bytes of this process's heap that are in use. */
export async function heapInUse(): Promise<number> {
  // What a finished download still holds on to is let go within a turn of the loop.
  for (let n = 0; n < 3; n += 1) {
    collectGarbage();
    await turn();
  }
  return process.memoryUsage().heapUsed;
}
