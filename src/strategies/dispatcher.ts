import { availableParallelism } from 'node:os';
import { DiskError, InterruptedError } from '../core/errors.ts';
import type { WindowEvent } from '../core/events.ts';
import { HandedBackError } from '../core/handed-back.ts';
import { hostCeiling } from '../core/host-ceilings.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Work } from '../core/run-spec.ts';
import type { DispatchContext } from './dispatch-context.ts';
import { FileCeiling } from './file-ceiling.ts';
import { type Host, HostQueues } from './host-queues.ts';
import type { HostExperience } from './host-window.ts';
import { HostWindows } from './host-windows.ts';
import { type Place, type PlaceUsage, WorkerLostError } from './place.ts';
import { Places } from './places.ts';
import { ReadAhead } from './read-ahead.ts';
import { Returns } from './returns.ts';
import { Slots } from './slots.ts';
import type { Strategy } from './strategy.ts';
import type { Window } from './window.ts';

/** Outcomes that wait to be taken; above it nothing new is begun. */
const maxUntaken = 1000;
/** Pictures whose bytes are here and that wait to be computed, or are; above it nothing new is begun. */
const maxComputing = 16 * availableParallelism();
/** How often it is looked whether hosts leave requests without an answer. */
const silenceTickMs = 250;

/**
 * Runs work under a strategy: hands each item to a place as soon as the window, its host and the place
 * have room, and yields its outcome, in order of completion. Exactly one outcome an item, unless the
 * run is stopped. Use once.
 */
export class Dispatcher {
  readonly #context: DispatchContext;
  readonly #computesBeside: boolean;
  readonly #startedAt = performance.now();
  readonly #windows: HostWindows;
  readonly #queues: HostQueues;
  readonly #places: Places;
  readonly #window: Window;
  readonly #slots = new Slots();
  readonly #files = new FileCeiling();
  readonly #returns: Returns;
  readonly #ahead: ReadAhead;
  #untaken: Outcome[] = [];
  #stopping = false;
  /** What ended the run at once. */
  #failure: unknown;
  #wakeTaker = () => {};
  #pauseTimer: NodeJS.Timeout | undefined;
  #silenceTimer: NodeJS.Timeout | undefined;

  constructor(strategy: Strategy, context: DispatchContext) {
    this.#context = context;
    const { spec } = context;
    const team = strategy.team(spec);
    this.#computesBeside = team.computesBeside;
    this.#windows = new HostWindows({
      initial: team.perHostAtFirst,
      ceilingOf: (host) => Math.max(1, Math.floor(hostCeiling(host, spec.perHost) / spec.segments)),
      recall: context.recall,
    });
    this.#queues = new HostQueues(this.#windows, spec.patienceMs);
    this.#returns = new Returns(context, this.#queues, this.#files);
    this.#ahead = new ReadAhead(this.#queues);
    this.#places = new Places(team, spec, context, {
      received: (bytes) => {
        this.#window.received(bytes);
        context.received(bytes);
      },
      firstByte: (host, ms) => {
        this.#queues.firstByte(host, ms);
        this.#window.firstByte(ms);
        this.#pump();
      },
      hostPaused: (host, pause) => {
        this.#places.pauseHost(host, pause);
        this.#queues.pause(host, pause);
        context.paused(host, pause);
      },
      hostTroubled: (host, requestAgeMs) => this.#queues.failed(host, requestAgeMs),
      hostRefused: (host, requestAgeMs) => this.#queues.refused(host, requestAgeMs),
      changed: () => this.#pump(),
      // Ctrl-C ends workers that have not begun to listen: nobody needs them any more.
      failed: (error) => {
        if (!this.#stopping) this.#fail(error);
      },
    });
    this.#window = team.window({
      inFlight: () => this.inFlight,
      isComputingFull: () => this.#isComputingFull,
      backlog: () => this.#queues.size,
      hosts: () => this.#queues.now(),
      openFiles: () => this.#files.limit,
      busyShare: () => this.#places.busyShare(),
      addThread: () => this.#places.addThread(),
      removeThread: () => this.#places.removeThread(),
      trace: (state, window, threads) => this.#trace(state, window, threads),
    });
  }

  get inFlight(): number {
    return this.#slots.inFlight;
  }

  /** Received, and in the image stage beside those in flight, or waiting for it. */
  get computing(): number {
    return this.#slots.computing;
  }

  get #isComputingFull(): boolean {
    return this.#slots.computing >= maxComputing;
  }

  get peakInFlight(): number {
    return this.#slots.peak;
  }

  /** Why so many were in flight, for people; null where nothing was to be chosen. */
  get reason(): string | null {
    return this.#window.reason();
  }

  /** What was found of hosts that is worth to be known the next time. */
  *experiences(): Generator<[host: string, HostExperience]> {
    const { enough, isSettled } = this.#window.found();
    for (const [host, window] of this.#windows) {
      const experience = window.experience(enough, isSettled);
      if (experience !== undefined) yield [host, experience];
    }
  }

  /** Who leaves the iteration early stops everything, and is let go when nothing is in flight. */
  async *run(work: AsyncIterable<Work>): AsyncGenerator<Outcome> {
    const { signal } = this.#context;
    const onAbort = () => this.#stop();
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) this.#stop();
    const feeding = this.#feed(work);
    this.#silenceTimer = setInterval(() => this.#takeBack(), silenceTickMs);
    try {
      while (!this.#isDone()) {
        const outcomes = this.#untaken;
        this.#untaken = [];
        yield* outcomes;
        this.#pump();
        if (this.#untaken.length === 0 && !this.#isDone()) await this.#change();
      }
      const failure = this.#failure ?? this.#ahead.failure;
      if (failure !== undefined) throw failure;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#stop();
      this.#places.stop(0);
      await feeding;
      while (this.#slots.used > 0) await this.#change();
      this.#window.close();
      clearTimeout(this.#pauseTimer);
      clearInterval(this.#silenceTimer);
    }
  }

  /** Ends every worker. Returns what they used. */
  async close(): Promise<PlaceUsage> {
    return await this.#places.close();
  }

  async #feed(source: AsyncIterable<Work>): Promise<void> {
    await this.#ahead.read(source, ({ window, begun, waiting, later }) => {
      if (begun.size === 0 && waiting.length === 1 && later === 0) this.#window.hostJoined(window.remembered);
      this.#pump();
    });
    const { failure } = this.#ahead;
    // The disk refuses the journal, too: nothing more can be stored.
    if (failure instanceof DiskError) this.#fail(failure);
    this.#wakeTaker();
  }

  /** An outcome, the end of something in flight, or the end of the source. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeTaker = resolve;
    });
  }

  #isDone(): boolean {
    return (
      this.#ahead.isDone && this.#queues.size === 0 && this.#slots.used === 0 && this.#untaken.length === 0
    );
  }

  #pump(): void {
    clearTimeout(this.#pauseTimer);
    this.#pauseTimer = undefined;
    this.#returns.takeUp();
    while (!this.#stopping && this.#hasRoom()) {
      const place = this.#places.free();
      if (place === undefined) break;
      const heldMs = this.#files.heldMs();
      const taken = heldMs > 0 ? undefined : this.#queues.take();
      if (taken === undefined) {
        const waitMs = heldMs || this.#queues.nextMs();
        if (waitMs !== undefined) this.#pauseTimer = setTimeout(() => this.#pump(), waitMs + 1);
        break;
      }
      void this.#begin(taken.work, taken.host, place);
    }
    this.#ahead.goOn();
  }

  #hasRoom(): boolean {
    const most = Math.min(this.#window.total(), this.#files.limit);
    return this.#untaken.length < maxUntaken && this.inFlight < most && !this.#isComputingFull;
  }

  async #begin(work: Work, host: Host, place: Place): Promise<void> {
    const slot = this.#slots.take();
    const startedMs = performance.now() - this.#startedAt;
    let outcome: Outcome | undefined;
    let isFetched = false;
    const fetched = () => {
      isFetched = true;
      this.#slots.computing += 1;
      this.#places.fetched(place);
      this.#queues.release(work, host);
      this.#pump();
    };
    try {
      this.#places.begun(place);
      outcome = await place.run(work, this.#computesBeside ? fetched : undefined);
      const hadNoFile = outcome.error?.code === 'too-many-files';
      if (hadNoFile && this.#returns.foundNoFile(work, this.inFlight)) outcome = undefined;
    } catch (error) {
      if (error instanceof WorkerLostError) outcome = this.#returns.lost(work, error);
      else if (error instanceof HandedBackError) this.#returns.handedBack(work, host, error);
      else if (!(error instanceof InterruptedError)) this.#fail(error);
    } finally {
      this.#places.ended(place, isFetched);
      this.#slots.release(slot);
      if (isFetched) this.#slots.computing -= 1;
      else this.#queues.release(work, host);
      this.#returns.ended(work);
      if (outcome?.status === 'saved') this.#files.wentWell();
    }
    if (outcome !== undefined) {
      this.#window.ended(outcome);
      outcome.slot = slot;
      outcome.startedMs = startedMs;
      outcome.endedMs = performance.now() - this.#startedAt;
      this.#untaken.push(outcome);
    }
    this.#wakeTaker();
    this.#pump();
  }

  #takeBack(): void {
    if (this.#stopping) return;
    const silences = this.#queues.silences();
    if (silences.length > 0) this.#places.takeBack(silences);
  }

  #trace(state: WindowEvent['state'], window: number, threads: number): void {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    this.#context.window({ event: 'window', seconds, window, inFlight: this.inFlight, threads, state });
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#stop();
    this.#places.stop(0);
  }

  #stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#queues.clear();
    this.#returns.stop();
    this.#context.stopped();
    this.#ahead.stop();
    this.#wakeTaker();
    if (this.#slots.used > 0) this.#places.stop(this.#context.graceMs);
  }
}
