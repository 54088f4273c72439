import { closeDatabase, openDatabase } from './journal-database.ts';
import { journalError } from './journal-errors.ts';
import { journalFile } from './journal-file.ts';

/**
 * Notes that the stored files of these keys are not what they were, so that the next run fetches them
 * again. What they should be stays noted, too. Throws a `UsageError` where a run holds the journal, a `DiskError`
 * where it cannot be written: then nothing is noted.
 */
export function markChanged(directory: string, keys: Iterable<string>): void {
  const file = journalFile(directory);
  try {
    const database = openDatabase(file);
    try {
      const mark = database.prepare("UPDATE items SET status = 'changed' WHERE key = ?");
      database.exec('BEGIN');
      for (const key of keys) mark.run(key);
      database.exec('COMMIT');
    } finally {
      closeDatabase(database, file);
    }
  } catch (error) {
    throw journalError(error, file);
  }
}
