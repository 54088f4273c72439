import os from 'node:os';
import type { Outcome } from '../core/outcome.ts';
import { AutoReason, type Limit } from './auto-reason.ts';
import { ExtraThreads } from './extra-threads.ts';
import { GoodputClimb } from './goodput-climb.ts';
import type { Control } from './strategy.ts';
import type { Window } from './window.ts';

/**
 * In flight at the start, in all and to one host: few enough for a small server (three browsers have as many, of
 * six connections each), and most of a small album.
 */
export const startSize = 16;
/** More, where there are more hosts: so many for each, up to a number that a link of any kind takes. */
const startPerHost = 2;
const mostAtStart = 64;

const tickMs = 100;
/** More in flight is of no use where the event loops have no time for it. */
const busyLoop = 0.9;
/** Nothing more is begun where this machine has less than this share of its memory left. */
const leastFreeMemory = 0.1;
/** Look-ups that nobody answered are too many from this share of the downloads on. */
const namesShare = 0.2;
const namesWeight = 0.05;
/** Once for a burst. */
const brakeMs = 3000;

/** What the window needs to know of the machine; a test may be the machine. */
export interface Machine {
  /** Milliseconds, on any clock that does not jump. */
  now(): number;
  /** Share of the memory that is free for this process, 0 to 1. */
  freeMemory(): number;
  /** Threads that may be added before there is one for each core. */
  spareCores: number;
  /** Calls again and again, until the function that it returns is called. */
  every(ms: number, tick: () => void): () => void;
}

/**
 * Finds how many downloads in flight pay, and in how many threads. Three things are decided apart from each other:
 * what one host takes (`HostWindow`), what the network brings in all (`GoodputClimb`), and whether computing is
 * the limit (`ExtraThreads`). Brakes for memory and for name look-ups come on top; for open files there is
 * `FileCeiling`.
 */
export function autoWindow(ceiling: number, control: Control, machine: Machine = thisMachine()): Window {
  const climb = new GoodputClimb(startSize, ceiling, machine.now());
  const threads = new ExtraThreads(control, machine.spareCores);
  let answers = 0;
  let busyShare = 0;
  let unanswered = 0;
  let brake: { name: 'memory' | 'names'; until: number } | undefined;
  let hosts = 0;
  let remembered = 0;
  let told = { state: '', window: 0, threads: 0 };
  const reason = new AutoReason();

  const isFilled = () => control.backlog() > 0 && control.inFlight() >= 0.8 * climb.size;

  function pullBrake(name: 'memory' | 'names'): void {
    const now = machine.now();
    if (brake !== undefined && now < brake.until) return;
    brake = { name, until: now + brakeMs };
    climb.shrink(control.inFlight());
  }

  /** What keeps those back that wait. */
  function limit(): Limit {
    if (brake !== undefined && machine.now() < brake.until) return brake.name;
    if (control.isComputingFull()) return 'pixels';
    const hosts = control.hosts();
    const isFull = control.inFlight() >= 0.8 * climb.size && hosts.limit >= climb.size;
    if (!isFull && hosts.arePausing) return 'pauses';
    if (!isFull && hosts.wereTooMuch) return 'hosts';
    if (!isFull && control.openFiles() < climb.size) return 'files';
    if (busyShare >= busyLoop) return 'computing';
    if (!isFull) return hosts.areAtCeiling ? 'per-host' : 'growing';
    if (climb.size >= ceiling) return 'concurrency';
    // Nothing was measured since.
    return climb.state === 'flat' && brake !== undefined ? brake.name : climb.state;
  }

  const stop = machine.every(tickMs, () => {
    busyShare = control.busyShare();
    threads.tick(busyShare, answers);
    if (threads.count > told.threads) climb.lookAgain();
    answers = 0;
    if (machine.freeMemory() < leastFreeMemory) pullBrake('memory');
    climb.tick(machine.now(), isFilled());
    if (climb.state !== 'flat' && brake !== undefined && machine.now() >= brake.until) brake = undefined;
    if (control.backlog() > 0 || control.isComputingFull()) reason.held(limit());
    const { state } = reason;
    const window = Math.min(climb.size, control.hosts().limit);
    // Before there is work there is nothing to tell.
    if (window === 0) return;
    if (told.state === state && told.window === window && told.threads === threads.count) return;
    told = { state, window, threads: threads.count };
    control.trace(state, window, threads.count);
  });

  return {
    total: () => climb.size,
    firstByte(ms) {
      answers += 1;
      reason.answered();
      // A short run is over before the first tick.
      if (told.window === 0 && control.backlog() > 0) reason.held(limit());
      const isBraked = brake !== undefined && machine.now() < brake.until;
      climb.firstByte(ms, !isBraked && busyShare < busyLoop && isFilled());
    },
    received: (bytes) => climb.received(bytes),
    ended(outcome: Outcome) {
      const { status, error } = outcome;
      reason.ended(outcome, control.inFlight() + 1, control.backlog());
      if (status === 'saved') climb.ended();
      const isUnanswered = error?.code === 'dns' && error.retryable;
      unanswered += namesWeight * ((isUnanswered ? 1 : 0) - unanswered);
      if (unanswered <= namesShare) return;
      unanswered = 0;
      pullBrake('names');
    },
    hostJoined(experience) {
      hosts += 1;
      climb.startFrom(Math.min(mostAtStart, startSize + startPerHost * (hosts - 1)), false);
      if (experience === undefined) return;
      if (!climb.startFrom(experience.window, experience.wasEnough)) return;
      remembered = Math.max(remembered, Math.min(ceiling, experience.window));
    },
    found: () => ({ enough: climb.enough, isSettled: climb.state !== 'growing' }),
    reason() {
      const details = remembered > 0 ? [`it began with ${remembered}, as remembered from before`] : [];
      if (threads.count > 0) details.push(`in ${threads.count + 1} threads`);
      else if (threads.lost !== null) details.push(`another thread ${threads.lost}`);
      return reason.say(details);
    },
    close: stop,
  };
}

function thisMachine(): Machine {
  const memory = process.constrainedMemory() || os.totalmem();
  return {
    now: () => performance.now(),
    // With no open file left it cannot be read, and is said to be 0.
    freeMemory: () => (process.availableMemory() || memory) / Math.min(memory, os.totalmem()),
    spareCores: os.availableParallelism() - 1,
    every(ms, tick) {
      const timer = setInterval(tick, ms);
      timer.unref();
      return () => clearInterval(timer);
    },
  };
}
