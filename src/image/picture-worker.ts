import { readFileSync, writeFileSync } from 'node:fs';
import type { FromPictureProcess, PictureRequest } from './picture-messages.ts';

/**
 * The process that decodes and computes, one picture at a time: what crashes here, does not end, or fills the memory
 * takes no more with it than this picture.
 */

/** The library may not be usable on this system. */
const work = import('./picture-task.ts');

function tell(said: FromPictureProcess['said']): void {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage = { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakRssBytes: maxRSS * 1024 };
  process.send?.({ said, usage } satisfies FromPictureProcess, () => {});
}

// At once, also in the middle of a picture: nobody is left to hear of it.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// Ctrl-C reaches the whole group of processes; it is the parent that decides what becomes of it.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
try {
  // Where memory runs out, Linux ends this process rather than the run.
  writeFileSync('/proc/self/oom_score_adj', '1000');
} catch {
  // Another system.
}

async function answerTo({ picture, task }: PictureRequest): Promise<FromPictureProcess['said']> {
  let bytes: Uint8Array;
  try {
    bytes = typeof picture === 'string' ? readFileSync(picture) : picture;
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    return { state: 'unreadable', message, code };
  }
  const { carryOut } = await work;
  return await carryOut(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), task);
}

process.on('message', async (request: PictureRequest) => tell(await answerTo(request)));
work.then(
  () => tell({ state: 'ready' }),
  (error: Error) => tell({ state: 'unusable', reason: error.message.split('\n', 1)[0]! }),
);
