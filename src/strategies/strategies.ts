import os from 'node:os';
import type { StrategyName } from '../core/run-spec.ts';
import { autoWindow, startSize } from './auto-window.ts';
import type { Strategy } from './strategy.ts';
import { fixedWindow } from './window.ts';

/** In flight under `async`, unless the user says otherwise. */
const asyncInFlight = 100;
/** `auto` stays below it. More than `async` has, for it finds out what pays, and each host has its own ceiling. */
const autoCeiling = 512;

/** The same number from beginning to end, and no less to a host until it asks for less. */
const always = (size: number) => ({
  perHostAtFirst: Number.POSITIVE_INFINITY,
  window: () => fixedWindow(size),
});

/** One at a time, on this event loop. */
const sync: Strategy = {
  name: 'sync',
  team: () => ({ kind: 'local', places: 1, perPlace: 1, computesBeside: false, ...always(1) }),
};

/** One event loop, many in flight. */
const async: Strategy = {
  name: 'async',
  team: ({ concurrency }) => ({
    kind: 'local',
    places: 1,
    perPlace: concurrency ?? asyncInFlight,
    computesBeside: true,
    ...always(concurrency ?? asyncInFlight),
  }),
};

/** A pool of threads, as `ThreadPoolExecutor(5)` is one elsewhere. */
const threads: Strategy = {
  name: 'threads',
  team: ({ workers, perWorker }) => pool('thread', workers ?? 5, perWorker),
};

/** A pool of processes, one a core, as `multiprocessing.Pool()` is one elsewhere. */
const processes: Strategy = {
  name: 'processes',
  team: ({ workers, perWorker }) => pool('process', workers ?? os.availableParallelism(), perWorker),
};

/** Begins on this event loop with a modest window, and finds the number, and the places, by measuring. */
const auto: Strategy = {
  name: 'auto',
  team: ({ concurrency }) => ({
    kind: 'local',
    places: 1,
    perPlace: concurrency ?? autoCeiling,
    computesBeside: true,
    perHostAtFirst: startSize,
    window: (control) => autoWindow(concurrency ?? autoCeiling, control),
  }),
};

const pool = (kind: 'thread' | 'process', places: number, perPlace: number) => ({
  kind,
  places,
  perPlace,
  computesBeside: false,
  ...always(places * perPlace),
});

export const strategies: Readonly<Record<StrategyName, Strategy>> = { sync, threads, processes, async, auto };
