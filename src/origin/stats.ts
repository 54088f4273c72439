import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What `/stats` says, since the start. Its own requests are not counted. */
export interface OriginStats {
  requests: number;
  inFlight: number;
  peakInFlight: number;
  connections: number;
  openConnections: number;
  peakConnections: number;
  /** The most that one host had in flight. */
  peakHostInFlight: number;
  /** Connections that were reset because there were too many. */
  resets: number;
  /** Written to sockets, headers included. */
  bytes: number;
  /** Answers with the status 429. */
  throttled: number;
  /** Answers by status. */
  statuses: Record<string, number>;
  /** Requests by path without query; of at most 100,000 paths. */
  paths: Record<string, number>;
  /** By path, what those of its requests asked for that had a Range; of the first 10,000 of them. */
  ranges: Record<string, RangeAsked[]>;
}

export interface RangeAsked {
  range: string;
  ifRange: string | null;
}

/** Bound the memory that paths and ranges take. */
const maxPaths = 100_000;
const maxRanges = 10_000;

const nothing = (): OriginStats => ({
  requests: 0,
  inFlight: 0,
  peakInFlight: 0,
  peakHostInFlight: 0,
  connections: 0,
  openConnections: 0,
  peakConnections: 0,
  resets: 0,
  bytes: 0,
  throttled: 0,
  statuses: {},
  paths: Object.create(null) as Record<string, number>,
  ranges: Object.create(null) as Record<string, RangeAsked[]>,
});

/** Counts what a server is asked for. */
export class StatsCounter {
  #stats = nothing();
  /** Those that are open. */
  readonly sockets = new Set<Socket>();
  readonly #hostsInFlight = new Map<string, number>();
  #distinctPaths = 0;
  #rangesAsked = 0;
  /** Written before the last reset, by connections that were open then. */
  #bytesBefore = 0;

  connection(socket: Socket): void {
    const stats = this.#stats;
    this.sockets.add(socket);
    stats.connections += 1;
    stats.openConnections += 1;
    stats.peakConnections = Math.max(stats.peakConnections, stats.openConnections);
    socket.once('close', () => {
      this.sockets.delete(socket);
      this.#stats.openConnections -= 1;
      this.#stats.bytes += socket.bytesWritten;
    });
  }

  connectionReset(): void {
    this.#stats.resets += 1;
  }

  request(path: string, host: string, headers: IncomingHttpHeaders, response: ServerResponse): void {
    const stats = this.#stats;
    const hostInFlight = (this.#hostsInFlight.get(host) ?? 0) + 1;
    this.#hostsInFlight.set(host, hostInFlight);
    stats.requests += 1;
    stats.inFlight += 1;
    stats.peakInFlight = Math.max(stats.peakInFlight, stats.inFlight);
    stats.peakHostInFlight = Math.max(stats.peakHostInFlight, hostInFlight);
    response.once('close', () => this.#answered(host, response));
    if (stats.paths[path] !== undefined) stats.paths[path] += 1;
    else if (this.#distinctPaths < maxPaths) {
      this.#distinctPaths += 1;
      stats.paths[path] = 1;
    }
    if (headers.range === undefined || this.#rangesAsked >= maxRanges) return;
    this.#rangesAsked += 1;
    const ifRange = (headers['if-range'] as string | undefined) ?? null;
    stats.ranges[path] ??= [];
    stats.ranges[path].push({ range: headers.range, ifRange });
  }

  now(): OriginStats {
    return { ...this.#stats, bytes: this.#bytesEver() - this.#bytesBefore };
  }

  /** Counts from here on; what is open and in flight stays counted. */
  forget(): void {
    const { inFlight, openConnections, bytes } = this.#stats;
    this.#bytesBefore = this.#bytesEver();
    this.#stats = {
      ...nothing(),
      inFlight,
      peakInFlight: inFlight,
      peakHostInFlight: Math.max(0, ...this.#hostsInFlight.values()),
      openConnections,
      peakConnections: openConnections,
      bytes,
    };
    this.#distinctPaths = 0;
    this.#rangesAsked = 0;
  }

  #bytesEver(): number {
    let { bytes } = this.#stats;
    for (const socket of this.sockets) bytes += socket.bytesWritten;
    return bytes;
  }

  #answered(host: string, { headersSent, statusCode }: ServerResponse): void {
    const stats = this.#stats;
    const left = this.#hostsInFlight.get(host)! - 1;
    if (left > 0) this.#hostsInFlight.set(host, left);
    else this.#hostsInFlight.delete(host);
    stats.inFlight -= 1;
    if (!headersSent) return;
    stats.statuses[statusCode] = (stats.statuses[statusCode] ?? 0) + 1;
    if (statusCode === 429) stats.throttled += 1;
  }
}
