import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when `condition` holds. Throws, naming `what`, where that takes more than `mostMs`. */
export async function eventually(what: string, mostMs: number, condition: () => boolean): Promise<void> {
  const end = performance.now() + mostMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited ${mostMs} ms in vain: ${what}`);
    await sleep(2);
  }
}
