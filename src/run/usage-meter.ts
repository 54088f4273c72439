import { performance } from 'node:perf_hooks';
import type { Usage } from '../core/events.ts';
import { peakRssBytes } from '../strategies/peak-rss.ts';
import type { PlaceUsage } from '../strategies/place.ts';

/** Measures what this process uses from now on; called at the end, with what its worker processes used. */
export function meterUsage(): (workers: PlaceUsage) => Usage {
  const cpuBefore = process.cpuUsage();
  const loopBefore = performance.eventLoopUtilization();
  return (workers) => {
    const { user, system } = process.cpuUsage(cpuBefore);
    return {
      // Threads are part of their process's figures.
      cpuSeconds: (user + system) / 1e6 + workers.cpuSeconds,
      pictureCpuSeconds: workers.pictureCpuSeconds,
      peakRssBytes: peakRssBytes() + workers.peakRssBytes,
      eventLoopUtilization: performance.eventLoopUtilization(loopBefore).utilization,
    };
  };
}
