import fs from 'node:fs';
import path from 'node:path';
import { journalFile } from '../journal/journal-file.ts';
import { storedRows } from '../journal/journal-reader.ts';
import { isReport, reportFile } from '../journal/report-file.ts';
import { isDataSetKey } from '../journal/shard-rows.ts';
import { KeySet } from '../plan/key-set.ts';

/** The names that a stored file brings: its own, and those of what `--info` or a data set of files says of it. */
export function addStoredNames(known: KeySet, { key, path: stored }: { key: string; path: string }): void {
  known.add(stored);
  known.add(`${stored}.json`);
  if (!isDataSetKey(key)) return;
  const name = /^(?:.*\/)?[^/.]*/.exec(stored)![0];
  known.add(`${name}.json`);
  known.add(`${name}.txt`);
}

/** Files under a destination, relative and with `/`, that are not in `known`; the journal's own and a report apart. Links are not followed. */
export function* foreignFiles(dir: string, known: KeySet, below = ''): Generator<string> {
  for (const entry of fs.readdirSync(path.join(dir, below), { withFileTypes: true })) {
    const file = below === '' ? entry.name : `${below}/${entry.name}`;
    if (file === '.gallop') continue;
    if (entry.isDirectory()) yield* foreignFiles(dir, known, file);
    else if (entry.isFile() && !known.has(file) && !isReportOf(dir, file)) yield file;
  }
}

const isReportOf = (dir: string, file: string): boolean =>
  path.join(dir, file) === reportFile(dir) && isReport(reportFile(dir));

/** Files in a directory that the journal in it does not know; all of them where there is none. */
export function* foreignFilesIn(dir: string): Generator<string> {
  const known = new KeySet();
  if (fs.existsSync(journalFile(dir))) {
    for (const row of storedRows(dir)) addStoredNames(known, row);
  }
  yield* foreignFiles(dir, known);
}
