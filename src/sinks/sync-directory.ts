import fs from 'node:fs';

/** A new name is only on the disk when the directory that holds it is. */
export function syncDirectory(directory: string): void {
  // Windows opens no directory as a file; NTFS keeps a journal of names by itself.
  if (process.platform === 'win32') return;
  const descriptor = fs.openSync(directory, 'r');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}
