import net from 'node:net';
import type { Dispatcher } from 'undici';
import type { AddressRange } from '../core/item.ts';
import type { ProxySettings } from '../core/proxy-settings.ts';
import type { RunSpec } from '../core/run-spec.ts';
import { addressRange } from './address-range.ts';
import { ClientPools } from './client-pools.ts';
import { guardedConnector } from './guarded-connector.ts';
import { NameLookup } from './name-lookup.ts';
import { RequestError } from './request-error.ts';
import { proxyAgent } from './undici.ts';

/** A longer one would go off at once (24 days). */
const longestTimerMs = 2 ** 31 - 1;
/** Many times the connections that are open at the same time. */
const maxNonPublic = 10_000;

/** Takes requests to any origin. */
interface Requests {
  dispatch(
    request: Dispatcher.DispatchOptions & { origin: string },
    handler: Dispatcher.DispatchHandler,
  ): unknown;
  destroy(): Promise<void>;
}

/**
 * Keep-alive connections, pooled by origin and by reach: a connection made for an item that may reach
 * a private address is never lent to one that may not.
 */
export class Connections {
  readonly #connectTimeoutMs: number;
  readonly #proxies: ProxySettings | null;
  readonly #names: NameLookup;
  readonly #byReach = new Map<string, Requests>();
  /** Where origins were found that are not public, the last ones connected to. What is forgotten counts as public, which may reach less. */
  readonly #nonPublic = new Map<string, AddressRange>();

  constructor(spec: RunSpec, proxies: ProxySettings | null) {
    this.#proxies = proxies;
    this.#connectTimeoutMs = Math.min(spec.connectTimeoutMs, longestTimerMs);
    this.#names = new NameLookup(this.#connectTimeoutMs);
  }

  /** The range of the host's address; for a name, of the address that it was last connected to. */
  rangeOf(url: URL): AddressRange {
    return literalRange(url) ?? this.#nonPublic.get(url.origin) ?? 'public';
  }

  /** Whether its host's address is not known yet: the time for connecting has not begun. */
  isLookingUp(url: URL): boolean {
    return this.#names.isPending(url.hostname);
  }

  dispatcher(url: URL, reach: readonly AddressRange[]): Requests {
    if (this.#proxies !== null) this.#judgeLiteral(url, reach);
    const key = reach.join();
    let dispatcher = this.#byReach.get(key);
    if (dispatcher === undefined) {
      dispatcher = this.#create(reach);
      this.#byReach.set(key, dispatcher);
    }
    return dispatcher;
  }

  async close(): Promise<void> {
    this.#names.close();
    await Promise.all([...this.#byReach.values()].map((dispatcher) => dispatcher.destroy()));
    this.#byReach.clear();
  }

  #create(reach: readonly AddressRange[]): Requests {
    const options = {
      connect: guardedConnector(reach, this.#names, this.#connectTimeoutMs, (origin, range) =>
        this.#found(origin, range),
      ),
      // Silence and slowness are judged by the watchdog, for all transfers by one clock.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: 64 * 1024,
      pipelining: 1,
    };
    if (this.#proxies !== null) {
      const proxies = { ...this.#proxies, proxyTunnel: false, connectTimeout: this.#connectTimeoutMs };
      return proxyAgent({ ...options, ...proxies });
    }
    return new ClientPools(options);
  }

  #found(origin: string, range: AddressRange): void {
    this.#nonPublic.delete(origin);
    if (range === 'public') return;
    this.#nonPublic.set(origin, range);
    if (this.#nonPublic.size <= maxNonPublic) return;
    const [oldest] = this.#nonPublic.keys();
    this.#nonPublic.delete(oldest!);
  }

  /** Behind a proxy the names are the proxy's to resolve; what is written as an address can still be judged. */
  #judgeLiteral(url: URL, reach: readonly AddressRange[]): void {
    const range = literalRange(url) ?? 'public';
    if (range !== 'public' && !reach.includes(range)) {
      throw new RequestError(
        'forbidden-address',
        `${url.host} is a ${range} address, which nothing public may lead to`,
      );
    }
  }
}

/** The range of a host that is written as an address; undefined for a name. */
function literalRange(url: URL): AddressRange | undefined {
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  return net.isIP(literal) === 0 ? undefined : addressRange(literal);
}
