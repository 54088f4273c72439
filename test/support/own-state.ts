import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isMainThread } from 'node:worker_threads';

// Loaded before each file of tests: what a run learns of hosts is not for the next one, nor for the user's own.
if (isMainThread) {
  const directory = mkdtempSync(path.join(tmpdir(), 'gallop-state-'));
  process.env.XDG_STATE_HOME = directory;
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
}
