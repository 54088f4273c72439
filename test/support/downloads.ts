import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Item } from '../../src/core/item.ts';
import { resolveRunSpec } from '../../src/core/options/resolve-options.ts';
import { proxySettings } from '../../src/core/proxy-settings.ts';
import type { RunSpec, Work } from '../../src/core/run-spec.ts';
import { createDownloader, type Downloader, type DownloaderHooks } from '../../src/download/downloader.ts';
import { prepareDirectory } from '../../src/sinks/directory.ts';

/** A directory of its own, gone with its scope. */
export function temporaryDirectory(): { path: string } & Disposable {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'gallop-test-'));
  return {
    path: directory,
    [Symbol.dispose]: () => fs.rmSync(directory, { recursive: true, force: true }),
  };
}

/** Every file and link below a directory, `.gallop/parts` included; relative, sorted. */
export function filesBelow(directory: string): string[] {
  return fs
    .readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
    .sort();
}

export interface TestDownloads extends AsyncDisposable {
  readonly dir: string;
  readonly downloader: Downloader;
  /** Relative paths of everything that lies in the destination. */
  files(): string[];
  read(relative: string): Buffer;
}

/** A real downloader on a directory of its own. */
export async function testDownloads(
  given: Partial<RunSpec> = {},
  more: { environment?: Record<string, string>; hooks?: DownloaderHooks } = {},
): Promise<TestDownloads> {
  const directory = temporaryDirectory();
  const dir = given.dir ?? directory.path;
  prepareDirectory(dir);
  const spec = resolveRunSpec({ ...given, dir });
  const downloader = await createDownloader(spec, proxySettings(spec, more.environment ?? {}), more.hooks);
  return {
    dir,
    downloader,
    files: () => filesBelow(dir),
    read: (relative) => fs.readFileSync(path.join(dir, relative)),
    async [Symbol.asyncDispose]() {
      await downloader.close();
      directory[Symbol.dispose]();
    },
  };
}

/** What the plan would hand over for an address that the user typed. */
export function workFor(url: string, item: Partial<Item> = {}, work: Partial<Work> = {}): Work {
  return {
    item: { key: url, url, index: 1, reach: ['loopback', 'private', 'local'], ...item },
    target: 'picture.{ext}',
    ownedPath: null,
    adoptSinceMs: null,
    ...work,
  };
}
