import fs from 'node:fs';
import path from 'node:path';

/** What a report says that made it. */
export const reportGenerator = 'gallop report';

const mark = `<meta name="generator" content="${reportGenerator}">`;
/** The mark stands at its beginning. */
const searchedBytes = 500;

/** Where the report on a destination lies, where no other place is named. */
export const reportFile = (directory: string): string => path.join(directory, 'report.html');

/** Whether what stands there is a report, and not a file that came to be called so; what cannot be read is none. */
export function isReport(file: string): boolean {
  if (fs.lstatSync(file, { throwIfNoEntry: false })?.isFile() !== true) return false;
  let descriptor: number | undefined;
  try {
    descriptor = fs.openSync(file, 'r');
    const beginning = Buffer.alloc(searchedBytes);
    const length = fs.readSync(descriptor, beginning, 0, searchedBytes, 0);
    return beginning.toString('latin1', 0, length).includes(mark);
  } catch {
    return false;
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}
