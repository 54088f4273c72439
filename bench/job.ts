import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Expected } from './faults.ts';
import type { Workspace } from './workspace.ts';

/** What everybody has to download into one flat directory, each file under the last part of its URL. */
export interface Job {
  /** A file with a URL a line. */
  list: string;
  /** The same for `curl --config`. */
  curlConfig: string;
  /** Of all the URLs, with its port. */
  host: string;
  expected: Expected;
}

export function writeJob(workspace: Workspace, urls: readonly string[], expected: Expected): Job {
  const list = join(workspace.path, 'urls.txt');
  const curlConfig = join(workspace.path, 'curl.cfg');
  writeFileSync(list, urls.map((url) => `${url}\n`).join(''));
  writeFileSync(curlConfig, urls.map((url) => `url = "${url}"\nremote-name\n`).join(''));
  return { list, curlConfig, host: new URL(urls[0]!).host, expected };
}
