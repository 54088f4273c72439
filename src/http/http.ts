import type { CookieJar } from 'tough-cookie';
import { InterruptedError } from '../core/errors.ts';
import { HostPauses, type Pause } from '../core/host-pauses.ts';
import type { AddressRange } from '../core/item.ts';
import type { ProxySettings } from '../core/proxy-settings.ts';
import type { RunSpec } from '../core/run-spec.ts';
import { Connections } from './connections.ts';
import { HostRefusals } from './host-refusals.ts';
import { RateLimit } from './rate-limit.ts';
import { Readmission } from './readmission.ts';
import { RequestError } from './request-error.ts';
import { Watchdog } from './watchdog.ts';

export interface HttpHooks {
  /** Bytes of bodies, as they arrive. */
  received?(bytes: number): void;
  /** A host asked for a pause. */
  hostPaused?(host: string, pause: Pause): void;
  /** A request to a host that was begun `requestAgeMs` ago failed, and it may have been one too many. */
  hostTroubled?(host: string, requestAgeMs: number): void;
  /** The host asked for less, in answer to a request that was begun `requestAgeMs` ago. */
  hostRefused?(host: string, requestAgeMs: number): void;
}

/** What all requests of one place share: connections, pauses, limits, cookies, and the way to stop. */
export class Http {
  readonly spec: RunSpec;
  readonly connections: Connections;
  readonly pauses: HostPauses;
  readonly refusals = new HostRefusals();
  readonly readmission = new Readmission();
  readonly watchdog: Watchdog;
  readonly rateLimit: RateLimit | undefined;
  /** Set once everything has to end: new requests are refused with it. */
  stopped: Error | undefined;

  readonly #hooks: HttpHooks;
  readonly #cookies: CookieJar | undefined;
  readonly #baseHeaders: Record<string, string>;
  readonly #sleepers = new Set<(error: Error) => void>();
  #graceTimer: NodeJS.Timeout | undefined;

  /** `createHttp` makes one. */
  constructor(
    spec: RunSpec,
    proxies: ProxySettings | null,
    cookies: CookieJar | undefined,
    hooks: HttpHooks,
  ) {
    this.spec = spec;
    this.#hooks = hooks;
    this.#cookies = cookies;
    this.connections = new Connections(spec, proxies);
    this.pauses = new HostPauses((host, pause) => hooks.hostPaused?.(host, pause));
    this.watchdog = new Watchdog(spec, (url) => this.connections.isLookingUp(url));
    this.rateLimit = spec.limitBytesPerSecond === null ? undefined : new RateLimit(spec.limitBytesPerSecond);
    // No Referer: image hosts answer a foreign one with 403. No compression: pictures have their own,
    // and what arrives must be what is hashed.
    this.#baseHeaders = { 'user-agent': spec.userAgent, accept: '*/*', 'accept-encoding': 'identity' };
  }

  received(bytes: number): void {
    this.#hooks.received?.(bytes);
  }

  refused(host: string, requestAgeMs: number): void {
    this.#hooks.hostRefused?.(host, requestAgeMs);
  }

  troubled(host: string, requestAgeMs: number): void {
    this.#hooks.hostTroubled?.(host, requestAgeMs);
  }

  /** `own` are those of the item, which another host must not see; cookies go by their own rules. */
  headersFor(url: URL, own: Record<string, string>): Readonly<Record<string, string>> {
    const cookies = this.#cookies?.getCookieStringSync(url.href) ?? '';
    const names = Object.keys(own);
    if (cookies === '' && names.length === 0) return this.#baseHeaders;
    const headers = { ...this.#baseHeaders };
    for (const name of names) headers[name.toLowerCase()] = own[name]!;
    if (cookies !== '' && headers.cookie === undefined) headers.cookie = cookies;
    return headers;
  }

  /** `reach`, and what `--allow-private` adds. Link-local addresses have to be typed. */
  withAllowed(reach: readonly AddressRange[]): readonly AddressRange[] {
    return this.spec.allowPrivate
      ? [...new Set([...reach, 'loopback' as const, 'private' as const])].sort()
      : reach;
  }

  /** For what takes long beside the network: throws once everything was stopped, or the time of an item is over. */
  refuseLate(deadlineAt: number): void {
    if (this.stopped !== undefined) throw this.stopped;
    if (performance.now() >= deadlineAt) throw new RequestError('timeout', 'not done within --timeout');
  }

  /** Rejects when everything is stopped in the meantime. */
  sleep(ms: number): Promise<void> {
    if (this.stopped !== undefined) return Promise.reject(this.stopped);
    return new Promise((resolve, reject) => {
      const wake = (error: Error) => {
        clearTimeout(timer);
        this.#sleepers.delete(wake);
        reject(error);
      };
      const timer = setTimeout(() => {
        this.#sleepers.delete(wake);
        resolve();
      }, ms);
      this.#sleepers.add(wake);
    });
  }

  /** No wait goes on and nothing new is requested; transfers under way have `graceMs` to end. */
  stop(graceMs = 0, error: Error = new InterruptedError()): void {
    this.stopped ??= error;
    for (const wake of [...this.#sleepers]) wake(error);
    this.readmission.stop(error);
    clearTimeout(this.#graceTimer);
    if (graceMs > 0) this.#graceTimer = setTimeout(() => this.watchdog.abortAll(error), graceMs);
    else this.watchdog.abortAll(error);
  }

  async close(): Promise<void> {
    this.stop(0, new InterruptedError('closed'));
    this.watchdog.close();
    await this.connections.close();
  }
}

/** `proxies` are those of `proxySettings`. Throws a `UsageError` when the file of cookies cannot be used. */
export async function createHttp(
  spec: RunSpec,
  proxies: ProxySettings | null,
  hooks: HttpHooks = {},
): Promise<Http> {
  // Loaded when used: most runs have no cookies, and its public suffix list is large.
  const cookies =
    spec.cookiesFile === null ? undefined : (await import('./cookies.ts')).readCookies(spec.cookiesFile);
  return new Http(spec, proxies, cookies, hooks);
}
