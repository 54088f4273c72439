import path from 'node:path';

/** Where the journal of a destination lies, if it has one. */
export const journalFile = (directory: string): string => path.join(directory, '.gallop', 'journal.db');
