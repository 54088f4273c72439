import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** What is known of other processes comes from Linux's /proc (proc(5)). */
export const hasProc = existsSync('/proc/self/stat');

/** The processes below `pid`, each with its command line; those that end meanwhile are left out. */
export function descendants(pid: number): { pid: number; command: string }[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // Behind the name, which may hold anything: state, parent.
        const parent = Number(/.*\) \S (\d+)/s.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))![1]);
        return [{ pid: Number(name), parent, command: readFileSync(`/proc/${name}/cmdline`, 'utf8') }];
      } catch {
        return [];
      }
    });
  const below = (parent: number): typeof all =>
    all.filter((it) => it.parent === parent).flatMap((it) => [it, ...below(it.pid)]);
  return below(pid);
}

/** Whether it is one of the processes in which a run of `processes` downloads. */
export const isWorker = ({ command }: { command: string }) => command.includes('/strategies/worker.');

/** A process that has ended is gone, or waits as a zombie for a parent that does not ask for it. */
export function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Bytes in memory, now and at the most so far; zeros for a process that has ended. */
export function residentBytes(pid: number): { now: number; peak: number } {
  let status = '';
  try {
    status = readFileSync(`/proc/${pid}/status`, 'latin1');
  } catch {
    // It has ended.
  }
  const bytes = (name: string) =>
    1024 * Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') };
}

/** Those that this process started and whose command line holds `word`. */
export const childrenWith = (word: string): number[] =>
  descendants(process.pid)
    .filter(({ command }) => command.includes(word))
    .map(({ pid }) => pid);

/** Hundredths of a second that a process has worked; 0 for one that is gone. */
export function cpuTicks(pid: number): number {
  try {
    // Behind the name, which may hold anything.
    const [, rest = ''] = /\) (.*)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))!;
    const fields = rest.split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}
