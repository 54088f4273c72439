import type { LookupAddress } from 'node:dns';
import { HostsFile } from './hosts-file.ts';
import { askNameServers, type DnsAnswer, lookupError } from './name-servers.ts';
import { SystemConfiguration, systemLookup } from './system-lookup.ts';

/** Look-ups at the same time; the others wait in line. */
const maxUnderWay = 100;
/** An answer is kept for its time to live, at most for this long: an address that changed is seen soon. */
const maxKeptMs = 60_000;
const maxKept = 10_000;

const loopback: readonly LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/**
 * The addresses of hosts, for one place. The hosts file comes first, then what was kept, then DNS without threads: names
 * that nobody answers for do not hold the others up. Names that are the system's to understand go to the system.
 * Nothing is judged here: an address that may not be connected to is an answer like any other.
 */
export class NameLookup {
  readonly #timeoutMs: number;
  readonly #hostsFile = new HostsFile();
  readonly #system = new SystemConfiguration();
  readonly #kept = new Map<string, { addresses: readonly LookupAddress[]; untilMs: number }>();
  /** By name: whoever asks in the meantime shares it. */
  readonly #pending = new Map<string, Promise<readonly LookupAddress[]>>();
  readonly #underWay = new Set<AbortController>();
  readonly #line: (() => void)[] = [];
  #slotsTaken = 0;
  #isClosed = false;

  /** `timeoutMs` bounds each look-up by itself; the wait in line is not counted. */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Whether that host's name waits for its addresses now. */
  isPending(hostname: string): boolean {
    return this.#pending.has(hostname);
  }

  /**
   * At least one address, in the order in which they are to be tried. Rejects with an error whose `code` is one of
   * those of `askNameServers`, or of getaddrinfo. Failures are not kept.
   */
  async lookUp(hostname: string): Promise<readonly LookupAddress[]> {
    const name = hostname.replace(/\.$/, '').toLowerCase();
    const local = this.#hostsFile.find(name);
    if (local.length > 0) return local;
    // RFC 6761, 6.3.
    if (/(^|\.)localhost$/.test(name)) return loopback;
    const kept = this.#kept.get(hostname);
    if (kept !== undefined && performance.now() < kept.untilMs) return kept.addresses;
    let pending = this.#pending.get(hostname);
    if (pending === undefined) {
      pending = this.#inTurn(() => this.#bounded(hostname)).finally(() => this.#pending.delete(hostname));
      this.#pending.set(hostname, pending);
    }
    return pending;
  }

  /** Gives up what is under way, and whatever waits in line. */
  close(): void {
    this.#isClosed = true;
    for (const lookup of this.#underWay) lookup.abort(lookupError('ECANCELLED', 'any name'));
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#slotsTaken < maxUnderWay) this.#slotsTaken += 1;
    else await new Promise<void>((begin) => this.#line.push(begin));
    try {
      return await work();
    } finally {
      const next = this.#line.shift();
      if (next === undefined) this.#slotsTaken -= 1;
      else next();
    }
  }

  async #bounded(hostname: string): Promise<readonly LookupAddress[]> {
    if (this.#isClosed) throw lookupError('ECANCELLED', hostname);
    const lookup = new AbortController();
    const { signal } = lookup;
    const clock = setTimeout(() => lookup.abort(lookupError('ETIMEOUT', hostname)), this.#timeoutMs);
    this.#underWay.add(lookup);
    try {
      // What the system was asked cannot be cancelled: it is left to itself.
      return await Promise.race([aborted(signal), this.#find(hostname, signal)]);
    } finally {
      clearTimeout(clock);
      this.#underWay.delete(lookup);
    }
  }

  async #find(hostname: string, signal: AbortSignal): Promise<readonly LookupAddress[]> {
    if (this.#system.goesBeforeDns(hostname)) return systemLookup(hostname);
    try {
      const answer = await askNameServers(hostname, this.#timeoutMs, signal);
      this.#keep(hostname, answer);
      return answer.addresses;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const isNowhere = code === 'ENOTFOUND' || code === 'ENODATA';
      const mayKnow = isNowhere ? this.#system.knowsMoreThanDns(hostname) : code === 'ECONNREFUSED';
      if (!mayKnow) throw error;
      return systemLookup(hostname);
    }
  }

  #keep(hostname: string, { addresses, ttlMs }: DnsAnswer): void {
    this.#kept.delete(hostname);
    if (ttlMs === 0) return;
    this.#kept.set(hostname, { addresses, untilMs: performance.now() + Math.min(ttlMs, maxKeptMs) });
    if (this.#kept.size <= maxKept) return;
    const [oldest] = this.#kept.keys();
    this.#kept.delete(oldest!);
  }
}

/** Rejects with the signal's reason; never resolves. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
