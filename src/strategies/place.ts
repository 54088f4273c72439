import type { Pause } from '../core/host-pauses.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Work } from '../core/run-spec.ts';
import type { Silence } from '../core/silence.ts';

/** What places tell the dispatcher while downloads are under way. */
export interface PlaceHooks {
  /** Bytes of bodies that arrived. */
  received(bytes: number): void;
  /** The first byte of a host's answer, `ms` after its request. */
  firstByte(host: string, ms: number): void;
  /** A host asked for a pause. */
  hostPaused(host: string, pause: Pause): void;
  /** A request to a host failed, begun `requestAgeMs` ago, that may have been one too many. */
  hostTroubled(host: string, requestAgeMs: number): void;
  /** A host asked for less, in answer to a request that was begun `requestAgeMs` ago. */
  hostRefused(host: string, requestAgeMs: number): void;
}

export interface PlaceUsage {
  /** Of child processes alone, those that compute pictures among them; what this process uses it can see itself. */
  cpuSeconds: number;
  /** Of that, the time of those that compute pictures. */
  pictureCpuSeconds: number;
  peakRssBytes: number;
}

/** Where downloads run: here, in a thread, in a process. */
export interface Place {
  /** Downloads that may be in flight in it together. */
  readonly capacity: number;
  /**
   * `fetched` is told where the bytes are here, and are computed with before they are stored.
   * Never rejects for what fails an item. Rejects with a `HandedBackError` when the work is to be begun again, with a
   * `WorkerLostError` when the place died, with another `GallopError` when the run has to end.
   */
  run(work: Work, fetched?: () => void): Promise<Outcome>;
  /** Share of the time since the last call in which its event loop had work, 0 to 1; undefined where it is not known. */
  busyShare(): number | undefined;
  /** Another place was told by the host to pause: keep it, too. */
  pauseHost(host: string, pause: Pause): void;
  /** Hands back what these hosts leave without an answer for too long on connections that nobody may have accepted. */
  takeBack(silences: readonly Silence[]): void;
  /** No wait between tries goes on; what is on the wire has `graceMs` to end, and is broken off then. */
  stop(graceMs: number): void;
  close(): Promise<PlaceUsage>;
}

/** A worker died with work in it. The work goes elsewhere. */
export class WorkerLostError extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'WorkerLostError';
  }
}
