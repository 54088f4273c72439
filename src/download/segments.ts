import { setTimeout as delay } from 'node:timers/promises';
import { type ExchangeRequest, exchange } from '../http/exchange.ts';
import type { Http } from '../http/http.ts';
import { RequestError } from '../http/request-error.ts';
import { takeRefusal } from '../http/retry.ts';
import { backOffMs } from '../http/retry-timing.ts';
import type { Exchange, ResponseHead } from '../http/transfer.ts';
import type { Draft, Stretch } from '../sinks/sink.ts';
import { OtherPartError, segmentHeaders } from './resume.ts';
import { gapsOf, planSegments, segmentedFromBytes } from './segment-plan.ts';
import { SegmentReception } from './segment-reception.ts';

/** The server does not give the file in segments, or not the same file: it is had over one connection. */
export class NoSegmentsError extends RequestError {
  constructor(cause: RequestError) {
    super('protocol', cause.message, { retryable: true, cause });
  }
}

export interface SegmentHooks {
  /** A request goes out. */
  asked(): void;
  /** The server does not give the file in segments. */
  refused(): void;
  /** Whether a segment that broke off may be gone on with by itself: the item has a try left for it. */
  mayGoOn(): boolean;
}

/**
 * One try to fetch a file over several connections. The first is a usual one; once its answer has said that there
 * can be others they begin, and it ends where the second begins. Each takes the next stretch that is missing when it is
 * done. One that fails hands back what it lacks, so that fewer go on; the try has failed when none is left.
 */
export class Segments {
  readonly #http: Http;
  readonly #request: ExchangeRequest;
  readonly #draft: Draft;
  readonly #connections: number;
  readonly #hooks: SegmentHooks;
  /** Of the first connection, and of the others. */
  readonly #stopFirst = new AbortController();
  readonly #stop = new AbortController();
  readonly #working: Promise<void>[] = [];
  #missing: Stretch[] = [];
  #head: ResponseHead | undefined;
  #totalBytes = 0;
  /** Where the first connection's own stretch ends; everything is its own where there are no others. */
  #end = Number.POSITIVE_INFINITY;
  #isFirstDone = false;
  /** Why the last connection that stopped did, where another try may help. */
  #lost: RequestError | undefined;
  #refusal: RequestError | undefined;
  #failure: unknown;

  /** `request` is the first connection's, without what makes it one for a part. */
  constructor(http: Http, request: ExchangeRequest, draft: Draft, connections: number, hooks: SegmentHooks) {
    this.#http = http;
    this.#request = request;
    this.#draft = draft;
    this.#connections = connections;
    this.#hooks = hooks;
  }

  /** How many bytes the first connection may still add to the draft. */
  get room(): number {
    return this.#end - this.#draft.size;
  }

  /** Whether the first connection ends where the next segment begins. */
  get hasOthers(): boolean {
    return this.#end < this.#totalBytes;
  }

  /** The first connection has an answer with what follows the draft's `size` bytes. Returns whether others begin. */
  begin(head: ResponseHead, totalBytes: number): boolean {
    const { beginning, size, ahead } = this.#draft;
    const isLarge = totalBytes >= segmentedFromBytes || ahead.length > 0;
    if (beginning === null || !isLarge || !Number.isSafeInteger(totalBytes) || !givesParts(head))
      return false;
    const [first, ...others] = planSegments(gapsOf(size, ahead, totalBytes), this.#connections);
    if (first === undefined || first.to === totalBytes) return false;
    this.#head = head;
    this.#totalBytes = totalBytes;
    this.#end = first.to;
    this.#missing = others;
    const more = Math.min(this.#connections - 1, others.length);
    for (let n = 0; n < more; n += 1) this.#working.push(this.#work());
    return true;
  }

  /**
   * Has the whole in the draft once it resolves, and nothing under way however it ends. Rejects with a `NoSegmentsError`
   * where what is missing is to be had over one connection, else as `exchange` does.
   */
  async run(first: (signal: AbortSignal) => Promise<Exchange>): Promise<Exchange> {
    const done = await first(this.#stopFirst.signal).catch((error: unknown) => {
      if (this.#head === undefined) throw error;
      return this.#firstFailed(error);
    });
    if (this.#head === undefined) return done!;
    this.#isFirstDone = true;
    // It goes on as one of them.
    if (done !== undefined) this.#working.push(this.#work());
    await Promise.all(this.#working);
    // What came from a server that gives other parts than were asked for is not trusted.
    if (this.#refusal === undefined) await this.#draft.join();
    else this.#draft.forgetAhead();
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#draft.size === this.#totalBytes) {
      return { head: done?.head ?? this.#head, endedAt: performance.now() };
    }
    if (this.#refusal !== undefined) throw new NoSegmentsError(this.#refusal);
    throw this.#lost ?? new OtherPartError(this.#head.url.host);
  }

  async #firstFailed(error: unknown): Promise<undefined> {
    const isLoss = error instanceof RequestError && error.retryable && !(error instanceof OtherPartError);
    if (!isLoss || this.#refusal !== undefined) {
      this.#fail(error);
      return;
    }
    this.#isFirstDone = true;
    const lacks = { from: this.#draft.size, to: this.#end };
    if (await this.#survive(error, lacks, true, 0)) this.#working.push(this.#work());
  }

  /** Fetches what is missing, stretch by stretch. Never rejects. */
  async #work(): Promise<void> {
    const { signal } = this.#stop;
    try {
      while (!signal.aborted) {
        // Of a host that wants a pause nothing more is asked: later, others go on.
        if (this.#http.pauses.remaining(this.#request.url.host).ms > 0) return;
        const part = this.#missing.shift();
        if (part === undefined || !(await this.#fetch(part))) return;
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Returns whether the connection is to take another. */
  async #fetch({ from, to }: Stretch): Promise<boolean> {
    const { signal } = this.#stop;
    const { beginning } = this.#draft;
    const section = this.#draft.section(from);
    const askedAt = performance.now();
    try {
      this.#hooks.asked();
      const reception = new SegmentReception(section, to, beginning!, this.#totalBytes);
      const partHeaders = segmentHeaders(beginning!, { from, to });
      await exchange(this.#http, { ...this.#request, partHeaders, signal }, reception);
      reception.finish();
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      if (!(error instanceof RequestError)) throw error;
      const lacks = { from: section.to, to };
      return await this.#survive(error, lacks, section.to > from, askedAt);
    } finally {
      // Also where it broke off: nothing is written once nothing is under way.
      await section.flush();
    }
  }

  /** A connection has failed, with `lacks` still to be fetched. Returns whether it is to take another. */
  async #survive(error: RequestError, lacks: Stretch, hasMoved: boolean, askedAt: number): Promise<boolean> {
    if (!error.retryable || error instanceof OtherPartError) {
      this.#refuse(error);
      return false;
    }
    this.#lost = error;
    if (error.slowsHost) takeRefusal(this.#http, this.#request.url.host, error, askedAt, 1);
    if (!hasMoved) {
      // One connection too many: another has it, when it is done with its own.
      this.#missing.unshift(lacks);
      return false;
    }
    if (error.code === 'timeout' || !this.#hooks.mayGoOn()) return false;
    this.#missing.unshift(lacks);
    await delay(backOffMs(1), undefined, { signal: this.#stop.signal }).catch(() => {});
    return true;
  }

  /** The first connection, where it is still under way, fetches everything; the others end. */
  #refuse(error: RequestError): void {
    this.#refusal ??= error;
    this.#hooks.refused();
    if (!this.#isFirstDone) this.#end = Number.POSITIVE_INFINITY;
    this.#stop.abort(error);
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#stop.abort(error);
    this.#stopFirst.abort(error);
  }
}

/** Whether the server of an answer says that it gives parts of the file. */
const givesParts = ({ status, headers }: ResponseHead): boolean =>
  status === 206 || /(^|,)\s*bytes\s*(,|$)/i.test(headers['accept-ranges'] ?? '');
