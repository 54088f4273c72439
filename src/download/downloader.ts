import { blankOutcome, failedOutcome } from '../core/blank-outcome.ts';
import { InterruptedError } from '../core/errors.ts';
import { failures } from '../core/failures.ts';
import { hostCeiling } from '../core/host-ceilings.ts';
import type { Item } from '../core/item.ts';
import { type Failure, noTimings, type Outcome } from '../core/outcome.ts';
import type { ProxySettings } from '../core/proxy-settings.ts';
import type { RunSpec, Work } from '../core/run-spec.ts';
import { stageOf } from '../core/stage.ts';
import { classifyError } from '../http/classify-error.ts';
import { type ExchangeRequest, exchange } from '../http/exchange.ts';
import { createHttp, type Http, type HttpHooks } from '../http/http.ts';
import { RequestError } from '../http/request-error.ts';
import { withRetries } from '../http/retry.ts';
import type { PoolUsage } from '../image/picture-pool.ts';
import { DirectorySink } from '../sinks/directory.ts';
import { type Draft, type Sink, UnsafePathError } from '../sinks/sink.ts';
import { adopt, mayBeThere } from './adopt.ts';
import { HandBacks } from './hand-back.ts';
import { Inspector } from './inspect.ts';
import { PictureStage } from './picture-stage.ts';
import { Reception } from './reception.ts';
import { authorization, requestUrl } from './request-url.ts';
import { beginningAt, OtherPartError, restHeaders } from './resume.ts';
import { NoSegmentsError, Segments } from './segments.ts';
import { SkippedError } from './skipped.ts';
import { type Received, Store } from './store.ts';

export interface DownloaderHooks extends HttpHooks {
  /** The first byte of a host's answer, `ms` after its request went out. Not of one that asks for less (429, 5xx). */
  firstByte?(host: string, ms: number): void;
  /** Whoever calls begins items again that are handed back: `download` may reject with a `HandedBackError`. */
  handsBack?: boolean;
}

/**
 * Fetches, checks, hashes and stores one item: the same code in every place where a strategy runs it.
 * An item that fails is an outcome; `download` rejects only with what ends the run (a `DiskError`, an
 * `InterruptedError`).
 */
export class Downloader {
  readonly http: Http;
  readonly #spec: RunSpec;
  readonly #sink: Sink;
  readonly #store: Store;
  readonly #inspector: Inspector;
  readonly #stage: PictureStage;
  readonly #hooks: DownloaderHooks;

  constructor(http: Http, sink: Sink, hooks: DownloaderHooks) {
    this.http = http;
    this.#spec = http.spec;
    this.#sink = sink;
    this.#store = new Store(http.spec, sink);
    this.#inspector = new Inspector(http.spec);
    this.#stage = new PictureStage(http.spec);
    this.#hooks = hooks;
  }

  /** `fetched` is told once its bytes are here, and computing with them may begin; not where it ends before. */
  async download(work: Work, fetched?: () => void): Promise<Outcome> {
    const begunAt = performance.now() - (work.before?.ms ?? 0);
    const clock = {
      begunAt,
      deadlineAt: begunAt + this.#spec.timeoutMs,
      tries: work.before?.attempts ?? 0,
      lost: 0,
      inSegments: true,
      fetched,
    };
    try {
      const adopted =
        mayBeThere(work) && stageOf(this.#spec) === null ? await this.#adopt(work, clock) : null;
      return adopted ?? (await this.#fetchAnywhere(work, clock));
    } catch (error) {
      if (error instanceof SkippedError) return skippedOutcome(work.item, error, clock);
      const failure = failureOf(error, work.item);
      return failedOutcome(work.item, failure, clock.tries, performance.now() - begunAt);
    }
  }

  /** Nothing new is begun and no wait goes on; what is on the wire has `graceMs` to end. */
  stop(graceMs = 0): void {
    this.http.stop(graceMs);
    this.#stage.stop(graceMs);
  }

  /** Of the processes that compute; all that they used, once it is closed. */
  get usage(): PoolUsage {
    return this.#stage.usage;
  }

  async close(): Promise<void> {
    await this.#stage.close();
    await this.http.close();
    await this.#sink.close();
  }

  async #adopt(work: Work, { deadlineAt }: Clock): Promise<Outcome | null> {
    const adopted = await adopt(this.#inspector, this.#stage, this.#sink, work, this.http, deadlineAt);
    if (adopted === null) return null;
    const outcome: Outcome = { ...blankOutcome(work.item), ...adopted, status: 'kept' };
    await this.#store.describe(work.item, outcome);
    return outcome;
  }

  /** From the item's address, or else from the first of its mirrors that has it. */
  async #fetchAnywhere(work: Work, clock: Clock): Promise<Outcome> {
    const draft = this.#sink.draft(work.item.key);
    let last: unknown;
    try {
      for (const [at, address] of [work.item.url, ...(work.item.mirrors ?? [])].entries()) {
        if (at < (work.before?.address ?? 0)) continue;
        const handBacks = new HandBacks(at, draft, work.before);
        try {
          return await this.#fetch(work, requestUrl(address), draft, clock, handBacks);
        } catch (error) {
          last = error;
          // What is left out is left out at every address.
          if (!(error instanceof RequestError) || error instanceof SkippedError) break;
          if (performance.now() >= clock.deadlineAt) break;
        }
      }
      // What broke off, a later run may go on with.
      if (last instanceof InterruptedError || (last instanceof RequestError && last.retryable)) {
        await draft.leave();
      }
      throw last;
    } catch (error) {
      // What was committed has left nothing behind.
      await draft.discard();
      throw error;
    }
  }

  #fetch(work: Work, url: URL, draft: Draft, clock: Clock, handBacks: HandBacks): Promise<Outcome> {
    // Bytes that are not the promised ones may have been damaged on the way, once. Time that was short is not had anew.
    let damaged = 0;
    // Segments that were gone on with by themselves have used up tries, too.
    let failed = 0;
    const isFinal = ({ code }: RequestError) => {
      failed += 1;
      return (
        code === 'timeout' ||
        ((code === 'mismatch' || code === 'truncated') && ++damaged > 1) ||
        (clock.lost > 0 && clock.lost + failed > this.#spec.retries)
      );
    };
    const spentMs = () => performance.now() - clock.begunAt;
    const beforeWait = (error: RequestError, ms: number) => {
      const handedBack = handBacks.ofFailed(error, ms, spentMs(), clock.tries);
      if (handedBack !== undefined && this.#hooks.handsBack === true) throw handedBack;
    };
    const triesBefore = handBacks.tries;
    const target = { host: url.host, deadlineAt: clock.deadlineAt, isFinal, triesBefore, beforeWait };
    return withRetries(this.http, target, async () => {
      handBacks.tries += 1;
      try {
        return await this.#attempt(work, url, draft, clock, handBacks.mayTakeBack);
      } catch (error) {
        throw handBacks.ofTakenBack(error, spentMs(), clock.tries) ?? error;
      }
    });
  }

  async #attempt(work: Work, url: URL, draft: Draft, clock: Clock, mayTakeBack: boolean): Promise<Outcome> {
    clock.tries += 1;
    try {
      const received = await this.#receive(work.item, url, draft, clock, mayTakeBack);
      return await this.#store.put(work, draft, received, clock);
    } catch (error) {
      // Nothing is lost but what was there: the whole is asked for at once. Or the rest, over one connection.
      if (error instanceof OtherPartError) draft.restart();
      if (error instanceof OtherPartError || error instanceof NoSegmentsError) {
        return await this.#attempt(work, url, draft, clock, false);
      }
      // The disk may be out of descriptors, as the network may: then this try failed, not the run.
      throw error instanceof UnsafePathError ? error : classifyError(error, url);
    }
  }

  async #receive(item: Item, url: URL, draft: Draft, clock: Clock, mayTakeBack: boolean): Promise<Received> {
    const { deadlineAt } = clock;
    const headers = ownHeaders(this.#spec, item, url);
    const request = { url, headers, reach: this.http.withAllowed(item.reach), deadlineAt };
    const beginning = beginningAt(url, draft);
    const segments = this.#segments(request, draft, clock);
    const reception = new Reception(
      this.#spec,
      item,
      url,
      draft,
      beginning,
      ({ status, sentAt, firstByteAt }) => {
        if (status !== 429 && status < 500) this.#hooks.firstByte?.(url.host, firstByteAt - sentAt);
      },
      segments,
    );
    const isInTime = () => this.http.refuseLate(deadlineAt);
    if (beginning !== null) await reception.takeUp(isInTime);
    const partHeaders = beginning === null ? {} : { partHeaders: restHeaders(beginning, draft.size) };
    const waitsFor = mayTakeBack ? url.host : undefined;
    const first = (signal?: AbortSignal) =>
      exchange(this.http, { ...request, ...partHeaders, ...(signal && { signal }), waitsFor }, reception);
    const isThere = this.#stage.expect();
    const done = await (segments === null ? first() : segments.run(first)).finally(isThere);
    if (segments !== null) await reception.takeUp(isInTime);
    const { digests, head } = reception.finish(done.head);
    try {
      const found = await this.#inspector.inspect(item, draft, head, digests, done.head.url);
      if (!this.#stage.isIdle) clock.fetched?.();
      const staged = await this.#stage.apply(found, draft, digests, done.head.url.host, deadlineAt);
      return { done, found, staged };
    } catch (error) {
      // It is whole: what is wrong with it gets no better by going on. Only time may have been short.
      if (error instanceof RequestError && error.code !== 'timeout') draft.beginning = null;
      throw error;
    }
  }

  /** What fetches the item over several connections; null where one is all that there is to be. */
  #segments(request: ExchangeRequest, draft: Draft, clock: Clock): Segments | null {
    const { segments, perHost, retries } = this.#spec;
    const connections = Math.min(segments, hostCeiling(request.url.host, perHost));
    if (!clock.inSegments || (connections === 1 && draft.ahead.length === 0)) return null;
    return new Segments(this.http, request, draft, connections, {
      asked: () => {
        clock.tries += 1;
      },
      refused: () => {
        clock.inSegments = false;
      },
      mayGoOn: () => ++clock.lost <= retries,
    });
  }
}

/** Builds the downloader of a place from the run's spec alone. Throws a `UsageError` or a `DiskError`. */
export async function createDownloader(
  spec: RunSpec,
  proxies: ProxySettings | null,
  hooks: DownloaderHooks = {},
): Promise<Downloader> {
  const sink = new DirectorySink(spec.dir, { fsync: spec.fsync });
  return new Downloader(await createHttp(spec, proxies, hooks), sink, hooks);
}

function skippedOutcome(item: Item, { skip }: SkippedError, clock: Clock): Outcome {
  const ms = { ...noTimings(), wait: performance.now() - clock.begunAt };
  return { ...blankOutcome(item), status: 'skipped', attempts: clock.tries, ms, skip };
}

/** What is meant for the item's own host is not for a mirror elsewhere, as across redirects. */
function ownHeaders(spec: RunSpec, item: Item, url: URL): Record<string, string> {
  const isHome = url.origin === URL.parse(item.url)?.origin;
  return { ...authorization(url), ...(isHome ? { ...spec.headers, ...item.headers } : {}) };
}

interface Clock {
  begunAt: number;
  deadlineAt: number;
  /** Begun so far, at every address of the item. */
  tries: number;
  /** Of segments: connections that broke, and whose rest was asked for at once. */
  lost: number;
  /** False once its server was found not to give it in segments. */
  inSegments: boolean;
  fetched: (() => void) | undefined;
}

/** What an error means for the item; one that ends the run is thrown on. */
function failureOf(error: unknown, item: Item): Failure {
  if (error instanceof UnsafePathError) {
    const code = 'unsafe-path';
    return { code, message: error.message, retryable: failures[code].retryable };
  }
  const known = classifyError(error, URL.parse(item.url) ?? new URL('about:blank'));
  if (known instanceof RequestError) return known.failure;
  throw known;
}
