import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { allot } from './allot.ts';
import type { Body } from './body.ts';
import type { Conditions } from './conditions.ts';
import type { Host } from './host.ts';

/** RFC 6928: ten segments of a usual size. */
const firstWindow = 10 * 1460;
const largestWindow = 16 * 1024 * 1024;
const tickMs = 5;
/** Smaller pieces would cost the machine more than they add to the truth. */
const piece = 16 * 1024;
const longestSilenceMs = 100;
/** Credit for time that passed while this process was not given the processor. */
const bankedMs = 100;

interface Connection {
  host: Host;
  acceptedMs: number;
  windowBytes: number;
}

interface Transfer {
  response: ServerResponse;
  connection: Connection;
  body: Body;
  /** Next byte to be written; how far the network has carried; the end. */
  at: number;
  carried: number;
  end: number;
  credit: number;
  roundLeft: number;
  roundMs: number;
  wroteMs: number;
}

/**
 * A network in user space: what the kernel's own emulation would do where one may use it. Every limit is
 * kept from the clock, not from the number of ticks, so that a late timer loses no more than `bankedMs`.
 */
export class EmulatedNetwork {
  readonly #conditions: Conditions;
  readonly #now: () => number;
  readonly #connections = new WeakMap<Socket, Connection>();
  readonly #transfers = new Set<Transfer>();
  readonly #waits = new Set<NodeJS.Timeout>();
  #timer: NodeJS.Timeout | undefined;
  #tickedMs = 0;
  #linkCredit = 0;

  constructor(conditions: Conditions, now: () => number) {
    this.#conditions = conditions;
    this.#now = now;
  }

  /** To be called when a connection to `host` is accepted: its handshake takes one round trip from now. */
  accept(socket: Socket, host: Host): void {
    this.#connections.set(socket, { host, acceptedMs: this.#now(), windowBytes: firstWindow });
  }

  /** The host that an accepted connection leads to. */
  hostOf(socket: Socket): Host {
    return this.#connections.get(socket)!.host;
  }

  /**
   * Calls back when the first byte of an answer would arrive: what is left of the handshake, a round trip,
   * the server's thinking, which begins when the request is there.
   */
  delay(socket: Socket, think: (host: Host) => number, then: () => void): void {
    const { host, acceptedMs } = this.#connections.get(socket)!;
    const { rttMs } = host;
    const handshakeMs = Math.max(0, acceptedMs + rttMs - this.#now());
    const ms = handshakeMs + rttMs + think(host);
    if (ms < 0.5) {
      then();
      return;
    }
    const timer = setTimeout(() => {
      this.#waits.delete(timer);
      if (!socket.destroyed) then();
    }, ms);
    this.#waits.add(timer);
  }

  /** Sends the bytes from `start` up to `end` and ends the response. Its headers must be set. */
  send(response: ServerResponse, body: Body, start: number, end: number): void {
    const { linkBytesPerSecond, slowStart } = this.#conditions.current;
    const now = this.#now();
    // A response that lost its connection has none, and goes nowhere.
    const connection = this.#connections.get(response.socket as Socket);
    if (connection === undefined) return;
    const { connectionBytesPerSecond, rttMs } = connection.host;
    const windows = slowStart && rttMs > 0;
    if (connectionBytesPerSecond === null && linkBytesPerSecond === null && !windows) {
      sendAtOnce(response, body, start, end);
      return;
    }
    response.flushHeaders();
    const roundLeft = windows ? connection.windowBytes : Number.POSITIVE_INFINITY;
    const transfer = {
      response,
      connection,
      body,
      at: start,
      carried: start,
      end,
      credit: 0,
      roundLeft,
      roundMs: now,
      wroteMs: now,
    };
    this.#transfers.add(transfer);
    response.once('close', () => this.#transfers.delete(transfer));
    if (this.#timer === undefined) {
      this.#tickedMs = now;
      this.#linkCredit = 0;
      this.#timer = setInterval(() => this.#tick(), tickMs);
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const timer of this.#waits) clearTimeout(timer);
    this.#waits.clear();
    this.#transfers.clear();
  }

  #tick(): void {
    if (this.#transfers.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    const now = this.#now();
    const elapsed = (now - this.#tickedMs) / 1000;
    this.#tickedMs = now;
    const transfers = [...this.#transfers];
    const wants = transfers.map((transfer) => this.#wanted(transfer, now, elapsed));
    const link = this.#conditions.current.linkBytesPerSecond;
    if (link !== null) {
      this.#linkCredit = Math.min(this.#linkCredit + link * elapsed, (link * bankedMs) / 1000);
      this.#linkCredit -= allot(wants, this.#linkCredit);
    }
    for (const [i, transfer] of transfers.entries()) this.#carry(transfer, wants[i]!, now);
  }

  /** What connection and window would let through now. */
  #wanted(transfer: Transfer, now: number, elapsed: number): number {
    const { connectionBytesPerSecond: rate, rttMs } = transfer.connection.host;
    if (rate === null) transfer.credit = Number.POSITIVE_INFINITY;
    else {
      transfer.credit = Math.min(transfer.credit + rate * elapsed, (rate * bankedMs) / 1000);
    }
    while (now - transfer.roundMs >= rttMs && transfer.roundLeft !== Number.POSITIVE_INFINITY) {
      const { connection } = transfer;
      // Only a window that was used up grows (RFC 7661).
      if (transfer.roundLeft < 1)
        connection.windowBytes = Math.min(largestWindow, connection.windowBytes * 2);
      transfer.roundLeft = connection.windowBytes;
      transfer.roundMs += rttMs;
      if (now - transfer.roundMs >= 2 * rttMs) transfer.roundMs = now - rttMs;
    }
    // A client that does not read stops its own transfer, and nothing piles up here.
    if (transfer.response.writableLength > 512 * 1024) return 0;
    return Math.min(transfer.end - transfer.carried, transfer.credit, transfer.roundLeft);
  }

  #carry(transfer: Transfer, bytes: number, now: number): void {
    transfer.carried += bytes;
    transfer.credit -= bytes;
    transfer.roundLeft -= bytes;
    const carried = Math.floor(transfer.carried + 1e-6);
    const waiting = carried - transfer.at;
    const complete = carried >= transfer.end;
    const due = waiting >= piece || transfer.roundLeft < 1 || now - transfer.wroteMs > longestSilenceMs;
    if (!complete && !(waiting > 0 && due)) return;
    const chunk = transfer.body.read(transfer.at, carried);
    transfer.at = carried;
    transfer.wroteMs = now;
    if (complete) {
      this.#transfers.delete(transfer);
      transfer.response.end(chunk);
    } else transfer.response.write(chunk);
  }
}

/** As fast as the client reads. */
export function sendAtOnce(response: ServerResponse, body: Body, start: number, end: number): void {
  const step = 1024 * 1024;
  let at = start;
  const more = () => {
    while (!response.destroyed) {
      const to = Math.min(end, at + step);
      const chunk = body.read(at, to);
      at = to;
      if (at >= end) return void response.end(chunk);
      if (!response.write(chunk)) return void response.once('drain', more);
    }
  };
  more();
}
