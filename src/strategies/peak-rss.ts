import { readFileSync } from 'node:fs';

/**
 * The largest resident set of this process so far, in bytes. Linux keeps it per program as `VmHWM`
 * (proc_pid_status(5)); what getrusage(2) calls `ru_maxrss` also counts what the parent had in memory
 * when it forked, so that is asked only where there is no /proc.
 */
export function peakRssBytes(): number {
  try {
    const kib = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
    if (kib !== undefined) return Number(kib) * 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}
