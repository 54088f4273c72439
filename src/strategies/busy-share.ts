import type { performance } from 'node:perf_hooks';

/** Tells, at each call, which share of the time since the call before a thread's event loop had work, 0 to 1. */
export function busyShareOf(thread: Pick<typeof performance, 'eventLoopUtilization'>): () => number {
  let loop = thread.eventLoopUtilization();
  return () => {
    const before = loop;
    loop = thread.eventLoopUtilization();
    return thread.eventLoopUtilization(loop, before).utilization;
  };
}
