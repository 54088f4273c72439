import { copyConsistently } from './consistent-copy.ts';

/**
 * The process that copies a journal that is being written: `FILE COPY`. Exit code 0 when the copy is whole, 3 when the
 * writer was faster every time, 1 with a JSON of the system's error on stderr.
 */

/** So long it is tried again. */
const patienceMs = 10_000;

const [file = '', copy = ''] = process.argv.slice(2);
try {
  const untilMs = performance.now() + patienceMs;
  let isWhole = copyConsistently(file, copy);
  while (!isWhole && performance.now() < untilMs) isWhole = copyConsistently(file, copy);
  process.exitCode = isWhole ? 0 : 3;
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  process.stderr.write(JSON.stringify({ code, message }));
  process.exitCode = 1;
}
