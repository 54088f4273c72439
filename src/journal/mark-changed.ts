import { closeDatabase, journalFile, openDatabase } from './journal-database.ts';

/**
 * Notes that the stored files of these keys are not what they were, so that the next run fetches them
 * again. What they should be stays noted, too. Returns false where the journal cannot be written now: then nothing is noted.
 */
export function markChanged(directory: string, keys: readonly string[]): boolean {
  const file = journalFile(directory);
  try {
    const database = openDatabase(file);
    try {
      const mark = database.prepare("UPDATE items SET status = 'changed' WHERE key = ?");
      database.exec('BEGIN');
      for (const key of keys) mark.run(key);
      database.exec('COMMIT');
      return true;
    } finally {
      closeDatabase(database, file);
    }
  } catch {
    // In use, or read-only: what was found is told all the same.
    return false;
  }
}
