import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';

/** Of this thread, young generation included. Smaller heaps are V8's: to collect them more often costs time and gains little. */
const enoughBytes = 64 * 1024 * 1024;
/** Garbage that may gather before it is collected, in per cent of what was alive after the collection before. */
const garbagePercent = 50;

/**
 * Collects the old generation of a large heap before it is several times what is alive, as V8 lets it become where
 * much is allocated: a run over many hosts takes 80 MB less. Flags are the whole process's, with all its
 * threads. Not for a library: it is the command that owns its process.
 */
export function boundOldGeneration(): void {
  const observer = new PerformanceObserver(() => {
    if (getHeapStatistics().total_heap_size < enoughBytes) return;
    observer.disconnect();
    setFlagsFromString(`--heap-growing-percent=${garbagePercent}`);
  });
  observer.observe({ entryTypes: ['gc'] });
}
