import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SavedFile } from './collect.ts';

const atOnce = 64;

/**
 * One SHA-256 over the files that a run says it saved: path, the size that the file has on the disk (-1 where
 * there is none), and the digest that was computed while it was saved. Independent of the order.
 */
export async function treeDigest(dir: string, saved: readonly SavedFile[]): Promise<string> {
  const files = [...new Map(saved.map((file) => [file.path, file])).values()];
  const lines: string[] = [];
  for (let i = 0; i < files.length; i += atOnce) {
    const part = files.slice(i, i + atOnce).map(async ({ path, sha256 }) => {
      const size = await stat(join(dir, path)).then(
        (found) => found.size,
        () => -1,
      );
      return JSON.stringify([path, size, sha256]);
    });
    lines.push(...(await Promise.all(part)));
  }
  const hash = createHash('sha256');
  for (const line of lines.sort()) hash.update(line).update('\n');
  return hash.digest('hex');
}
