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
  /** Written to sockets, headers included. */
  bytes: number;
  /** Answers with the status 429. */
  throttled: number;
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

/** Counts what a server is asked for. */
export class StatsCounter {
  readonly #stats: OriginStats = {
    requests: 0,
    inFlight: 0,
    peakInFlight: 0,
    connections: 0,
    openConnections: 0,
    peakConnections: 0,
    bytes: 0,
    throttled: 0,
    paths: Object.create(null) as Record<string, number>,
    ranges: Object.create(null) as Record<string, RangeAsked[]>,
  };
  /** Those that are open. */
  readonly sockets = new Set<Socket>();
  #distinctPaths = 0;
  #rangesAsked = 0;

  connection(socket: Socket): void {
    const stats = this.#stats;
    this.sockets.add(socket);
    stats.connections += 1;
    stats.openConnections += 1;
    stats.peakConnections = Math.max(stats.peakConnections, stats.openConnections);
    socket.once('close', () => {
      this.sockets.delete(socket);
      stats.openConnections -= 1;
      stats.bytes += socket.bytesWritten;
    });
  }

  request(path: string, headers: IncomingHttpHeaders, response: ServerResponse): void {
    const stats = this.#stats;
    stats.requests += 1;
    stats.inFlight += 1;
    stats.peakInFlight = Math.max(stats.peakInFlight, stats.inFlight);
    response.once('close', () => {
      stats.inFlight -= 1;
      if (response.headersSent && response.statusCode === 429) stats.throttled += 1;
    });
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
    let { bytes } = this.#stats;
    for (const socket of this.sockets) bytes += socket.bytesWritten;
    return { ...this.#stats, bytes };
  }
}
