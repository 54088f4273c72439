import { writeFileSync } from 'node:fs';
import type { FromPictureProcess, PictureRequest } from './picture-messages.ts';

/**
 * The process that decodes and computes, one picture at a time: what crashes here, does not end, or fills the memory
 * takes no more with it than this picture. A request comes as a message, its bytes through the standard input.
 */

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

function take(length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  return new Promise((resolve) => {
    const add = (chunk: Buffer) => {
      at += chunk.copy(bytes, at);
      if (at < length) return;
      process.stdin.off('data', add).pause();
      resolve(bytes);
    };
    process.stdin.on('data', add).resume();
  });
}

import('./picture-task.ts').then(
  ({ carryOut }) => {
    process.on('message', async ({ bytes, task }: PictureRequest) => {
      tell(await carryOut(await take(bytes), task));
    });
    tell({ state: 'ready' });
  },
  (error: Error) => tell({ state: 'unusable', reason: error.message.split('\n', 1)[0]! }),
);
