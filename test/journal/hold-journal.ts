import { openJournal } from '../../src/journal/sqlite-journal.ts';

/** Opens the journal of a directory and says so, or says why not; keeps it until it is killed or its input ends. */
try {
  const { journal } = openJournal(process.argv[2]!);
  process.stdout.write('open\n');
  process.stdin.resume().once('end', () => journal.close());
} catch (error) {
  process.stdout.write(`${(error as { code: string }).code}\n`);
}
