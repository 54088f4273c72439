import type { DatabaseSync } from 'node:sqlite';
import { readFacts } from './facts.ts';
import type { StoredFile } from './journal.ts';
import { storedFile } from './stored-file.ts';

/** An item that was left out, for its picture is another's. */
export interface LeftOutRow {
  key: string;
  /** The file of the other one; null where it has none that is good. */
  kept: StoredFile | null;
}

/** Every one whose other one is in the journal, too: those of a data set have theirs in its shards. */
export function* leftOutRows(database: DatabaseSync): Generator<LeftOutRow> {
  const find = database.prepare('SELECT * FROM items WHERE key = ?');
  // What no run wrote may be any number, and one that is too large for JavaScript would throw.
  find.setReadBigInts(true);
  const rows = database.prepare("SELECT key, facts FROM items WHERE status = 'skipped'");
  for (const { key, facts } of rows.iterate()) {
    const { duplicateOf } = readFacts(facts).skip ?? {};
    const other = duplicateOf === undefined ? undefined : find.get(duplicateOf);
    if (other !== undefined) yield { key: String(key), kept: storedFile(other) };
  }
}

/** Makes the next claim of those whose other one is gone a new try. In a transaction of the caller's. */
export function reopenDuplicates(database: DatabaseSync, isThere: (file: StoredFile) => boolean): void {
  const reopen = database.prepare('UPDATE items SET made = NULL WHERE key = ?');
  for (const { key, kept } of leftOutRows(database)) {
    if (kept === null || !isThere(kept)) reopen.run(key);
  }
}
