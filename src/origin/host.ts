import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Conditions } from './conditions.ts';
import { ConnectionBacklog } from './connection-backlog.ts';
import { draw, lots } from './random.ts';
import { TokenBucket } from './token-bucket.ts';
import { WorkerQueue } from './worker-queue.ts';

/** How a host differs from what the options say: its times and its bandwidth are so many times as large. */
export interface HostFactors {
  rtt: number;
  think: number;
  bandwidth: number;
}

export interface Refusal {
  status: 429 | 503;
  headers: Record<string, number>;
}

/** One address of the origin: how far away it is, and how much of what is asked of it at once it takes. */
export class Host {
  readonly address: string;
  readonly #conditions: Conditions;
  readonly #factors: HostFactors;
  readonly #now: () => number;
  #bucket = new TokenBucket();
  #queue = new WorkerQueue();
  #inFlight = 0;
  #asked = 0;
  #connections = 0;
  readonly #backlog = new ConnectionBacklog();

  constructor(address: string, factors: HostFactors, conditions: Conditions, now: () => number) {
    this.address = address;
    this.#factors = factors;
    this.#conditions = conditions;
    this.#now = now;
  }

  get rttMs(): number {
    return this.#conditions.current.rttMs * this.#factors.rtt;
  }

  /** What one connection carries now; null: as fast as it goes. */
  get connectionBytesPerSecond(): number | null {
    const rate = this.#conditions.current.connectionBytesPerSecond;
    return rate === null ? null : (rate * this.#factors.bandwidth) / this.#slowness();
  }

  /** Counts a connection until it is closed. False: one too many, to be reset. */
  connect(socket: Socket): boolean {
    const { maxConnections } = this.#conditions.current;
    if (maxConnections !== null && this.#connections >= maxConnections) return false;
    this.#connections += 1;
    socket.once('close', () => {
      this.#connections -= 1;
    });
    return true;
  }

  /** Calls back once the connection is served, which may be never. */
  serve(socket: Socket, then: () => void): void {
    const { servedConnections } = this.#conditions.current;
    if (servedConnections === null) then();
    else this.#backlog.serve(socket, servedConnections, then);
  }

  /** Counts a request for a picture until its response is closed, unless it is one too many. */
  admit(response: ServerResponse): Refusal | undefined {
    const { knee, kneeMode, requestsPerSecond, burst, rateStatus } = this.#conditions.current;
    const isFull = knee !== null && this.#inFlight >= knee;
    if (isFull && (kneeMode === '429' || kneeMode === '503'))
      return this.#refusal(kneeMode === '429' ? 429 : 503);
    if (requestsPerSecond !== null && !this.#bucket.take(requestsPerSecond, burst, this.#now())) {
      return this.#refusal(rateStatus);
    }
    const { seed, refusedShare } = this.#conditions.current;
    this.#asked += 1;
    if (draw(seed, lots.refusal, this.#asked) < refusedShare) return this.#refusal(rateStatus);
    this.#inFlight += 1;
    response.once('close', () => {
      this.#inFlight -= 1;
    });
    return undefined;
  }

  /** How long the server takes for what it would do in `thinkMs` if it had nothing else to do. */
  serviceMs(thinkMs: number): number {
    const { workers } = this.#conditions.current;
    const ms = thinkMs * this.#factors.think * this.#slowness();
    return workers === null ? ms : this.#queue.enter(workers, ms, this.#now());
  }

  /** Nothing was asked of it so far; what is in flight and connected stays counted. */
  reset(): void {
    this.#bucket = new TokenBucket();
    this.#queue = new WorkerQueue();
    this.#asked = 0;
  }

  #refusal(status: 429 | 503): Refusal {
    const seconds = this.#conditions.current.retryAfterSeconds;
    return { status, headers: seconds === null ? {} : { 'Retry-After': seconds } };
  }

  /** How much slower everything is than it was meant to be: 1, or more above a knee that slows down. */
  #slowness(): number {
    const { knee, kneeMode } = this.#conditions.current;
    if (knee === null || kneeMode === '429' || kneeMode === '503') return 1;
    const excess = Math.max(1, this.#inFlight / knee);
    return kneeMode === 'slow' ? excess : excess ** 2;
  }
}
