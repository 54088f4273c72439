import os from 'node:os';
import { performance } from 'node:perf_hooks';
import type { Control } from './strategy.ts';
import type { Window } from './window.ts';

/** In flight at the start: few enough for a small server, doubled within a round trip where it pays. */
const startSize = 10;
const tickMs = 100;
/** A sample of the goodput covers this many times the usual time to first byte, but never less than 200 ms. */
const roundsPerSample = 2;
const minSampleMs = 200;
/** More in flight has to bring this much more goodput to be worth it. */
const worthwhile = 1.1;
/** How often a settled window looks whether more would pay by now, in samples. */
const probeEvery = 10;
/** The event loop is the limit when it has been this busy for this many ticks. */
const busyLoop = 0.9;
const busyTicks = 5;

/** What the window needs to know of the machine; a test may be the machine. */
export interface Machine {
  /** Milliseconds, on any clock that does not jump. */
  now(): number;
  /** Share of the time since the last call in which the event loop had work, 0 to 1. */
  busyShare(): number;
  /** Threads that may be added before there is one for each core. */
  spareCores: number;
  /** Calls again and again, until the function that it returns is called. */
  every(ms: number, tick: () => void): () => void;
}

/**
 * Finds how many downloads in flight the network takes. Slow start: one more for every first byte, so
 * that the window doubles in a round trip and not in the time of a whole download (TCP's slow start,
 * RFC 5681, with first bytes in the place of acknowledgements). It ends when more in flight has twice
 * brought no more goodput; from then on the window probes by a quarter now and then, and keeps what
 * pays. A second thread is added when the event loop is busy all the time: then computing, not waiting,
 * is the limit.
 *
 * What single hosts can take is learned by `HostLimits`, below this window.
 */
export function autoWindow(ceiling: number, control: Control, machine: Machine = thisMachine()): Window {
  let size = Math.min(startSize, ceiling);
  let phase: 'grow' | 'settled' | 'probe' = 'grow';
  let bytes = 0;
  let usualFirstByteMs = 100;
  let sampleAt = machine.now();
  let reference = { goodput: 0, size: 0 };
  let flat = 0;
  let settledSamples = 0;

  let busy = 0;
  let threads = 0;
  let adding = false;

  const stop = machine.every(tickMs, () => {
    watchLoop();
    const elapsedMs = machine.now() - sampleAt;
    if (elapsedMs < Math.max(minSampleMs, roundsPerSample * usualFirstByteMs)) return;
    sample((bytes * 1000) / elapsedMs);
    bytes = 0;
    sampleAt = machine.now();
  });

  function sample(goodput: number): void {
    // A window that is not filled says nothing about its size.
    const isFilled = control.hasBacklog() && control.inFlight() >= 0.8 * Math.floor(size);
    // Nor does one whose first answers are still on their way, or whose host is pausing.
    if (!isFilled || goodput === 0) return;
    if (phase === 'grow') {
      const paid = goodput > worthwhile * reference.goodput;
      flat = paid || size < 1.2 * reference.size ? 0 : flat + 1;
      if (flat >= 2) phase = 'settled';
      if (paid) reference = { goodput, size };
    } else if (phase === 'settled') {
      reference.goodput = settledSamples === 0 ? goodput : 0.7 * reference.goodput + 0.3 * goodput;
      settledSamples += 1;
      if (settledSamples < probeEvery) return;
      reference.size = size;
      size = Math.min(ceiling, Math.ceil(size * 1.25));
      phase = 'probe';
    } else {
      if (goodput < worthwhile * reference.goodput) size = reference.size;
      settledSamples = 0;
      phase = 'settled';
    }
  }

  function watchLoop(): void {
    busy = machine.busyShare() > busyLoop ? busy + 1 : 0;
    if (busy < busyTicks || adding || threads >= machine.spareCores) return;
    adding = true;
    busy = 0;
    // Where none could be started, it is not tried again.
    void control.addThread().then((added) => {
      adding = !added;
      if (added) threads += 1;
    });
  }

  return {
    total: () => Math.floor(size),
    firstByte(ms) {
      usualFirstByteMs = 0.8 * usualFirstByteMs + 0.2 * ms;
      if (phase === 'grow' && control.inFlight() >= 0.8 * Math.floor(size))
        size = Math.min(ceiling, size + 1);
    },
    received(count) {
      bytes += count;
    },
    hostPaused() {
      if (phase === 'grow') phase = 'settled';
    },
    close: stop,
  };
}

function thisMachine(): Machine {
  let loop = performance.eventLoopUtilization();
  return {
    now: () => performance.now(),
    busyShare() {
      const before = loop;
      loop = performance.eventLoopUtilization();
      return performance.eventLoopUtilization(loop, before).utilization;
    },
    spareCores: os.availableParallelism() - 1,
    every(ms, tick) {
      const timer = setInterval(tick, ms);
      timer.unref();
      return () => clearInterval(timer);
    },
  };
}
