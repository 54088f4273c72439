import { writeFileSync } from 'node:fs';
import type { DecodeRequest, FromDecoder } from './verdict.ts';

/**
 * The process that decodes, one picture at a time: what crashes here, does not end, or fills the memory takes
 * no more with it than this picture. A request comes as a message, its bytes through the standard input.
 */

const tell = (message: FromDecoder): void => void process.send?.(message, () => {});

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

import('./decode.ts').then(
  ({ decode }) => {
    process.on('message', ({ bytes }: DecodeRequest) => void take(bytes).then(decode).then(tell));
    tell({ state: 'ready' });
  },
  (error: Error) => tell({ state: 'unusable', reason: error.message.split('\n', 1)[0]! }),
);
