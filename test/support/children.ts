import { readdirSync, readFileSync } from 'node:fs';

/** Processes that this one started and whose command line holds `word`, by Linux's own list. */
export function childrenWith(word: string, of = process.pid): number[] {
  return readdirSync(`/proc/${of}/task`)
    .flatMap((thread) => words(`/proc/${of}/task/${thread}/children`, ' '))
    .filter((child) => words(`/proc/${child}/cmdline`, '\0').some((part) => part.includes(word)))
    .map(Number);
}

/** Hundredths of a second that a process has worked; 0 for one that is gone. */
export function cpuTicks(pid: number): number {
  // The name of the program, in brackets, may hold blanks.
  const [, rest = ''] = words(`/proc/${pid}/stat`, ')');
  const fields = rest.trim().split(' ');
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

/** Of a process that has just ended nothing can be read. */
function words(file: string, between: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split(between)
      .filter((part) => part !== '');
  } catch {
    return [];
  }
}

export const isLinux = process.platform === 'linux';
