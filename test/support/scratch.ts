import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A directory that is gone at the end of its block. */
export function scratch(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'gallop-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** The files under final names, sorted, relative and with `/`. */
export function filesIn(dir: string): string[] {
  return walk(dir).filter((file) => !file.startsWith('.gallop/'));
}

/** What is not finished. */
export function partsIn(dir: string): string[] {
  return walk(dir).filter((file) => file.endsWith('.part'));
}

export const bytesOf = (dir: string, file: string): Buffer => readFileSync(join(dir, file));

/** Resolves when `condition` holds; a test that waits in vain is ended by its own time limit. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(2);
}

function walk(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
}
