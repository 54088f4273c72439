import { promises as dns, type LookupAddress, type RecordWithTtl } from 'node:dns';
import { networkInterfaces } from 'node:os';
import { addressRange } from './address-range.ts';

export interface DnsAnswer {
  addresses: LookupAddress[];
  /** How long it may be kept. */
  ttlMs: number;
}

/** What came of one question; without records and `code` it was not answered yet. */
interface Answered {
  records: RecordWithTtl[];
  code?: string;
}

/** After addresses of one family, those of the other have so long (RFC 8305, 3: the resolution delay). */
const otherFamilyMs = 250;
/** Until the name servers are asked once more, at most; the time after that is twice as long. */
const resendMs = 2000;
const maxTries = 3;
/** That long c-ares waits for one server at most. */
const serverMs = 5000;

/** Of what the two questions of a look-up failed with, the first of these is why the look-up failed. */
const codes = ['ECONNREFUSED', 'ETIMEOUT', 'EREFUSED', 'ESERVFAIL', 'ENOTFOUND', 'ENODATA'];

/**
 * Asks the name servers of this machine for the addresses of a name, IPv4 and IPv6 at the same time, without a thread
 * (c-ares). Rejects with an error whose `code` is ENOTFOUND (no such name), ENODATA (it has no address),
 * ECONNREFUSED (there is no name server to be asked), or ETIMEOUT, EREFUSED, ESERVFAIL (worth another try); once
 * `signal` is aborted with its reason. `timeoutMs` says when that will be.
 *
 * A server that refuses, or fails, is followed by the next one at once; one that is silent after a while, and an answer
 * that comes late still counts. c-ares has its own way of asking again, which drops late answers, so it asks once.
 */
export async function askNameServers(
  name: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<DnsAnswer> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<DnsAnswer>();
  /** One for each time, which costs 40 microseconds: it knows the servers of now, and can be cancelled alone. */
  const resolvers: dns.Resolver[] = [];
  let failed = 0;
  let isOver = false;
  let resend: NodeJS.Timeout | undefined;
  const ask = async () => {
    clearTimeout(resend);
    const resolver = new dns.Resolver({ timeout: serverMs, tries: 1 });
    const servers = resolver.getServers();
    const first = resolvers.push(resolver) - 1;
    if (first > 0) resolver.setServers([...servers.slice(first), ...servers.slice(0, first)]);
    if (resolvers.length < maxTries) {
      resend = setTimeout(() => ask().catch(reject), Math.min(resendMs, timeoutMs / 4) * 2 ** first);
    }
    const answered = await askBoth(resolver, name);
    if (isOver) return;
    if (answered.some(({ records }) => records.length > 0)) return resolve(answerOf(answered));
    failed += 1;
    const code = codes.find((code) => answered.some((it) => it.code === code)) ?? 'ESERVFAIL';
    const isSure = code === 'ENOTFOUND' || code === 'ENODATA';
    if (!isSure && resolvers.length < Math.min(servers.length, maxTries)) return ask();
    if (isSure || failed === resolvers.length) reject(lookupError(code, name));
  };
  const giveUp = () => reject(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    ask().catch(reject);
    return await promise;
  } finally {
    isOver = true;
    clearTimeout(resend);
    signal.removeEventListener('abort', giveUp);
    for (const resolver of resolvers) resolver.cancel();
  }
}

export function lookupError(code: string, name: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`look-up of ${name}: ${code}`), { code });
}

/** Of IPv4 and of IPv6 addresses. */
async function askBoth(resolver: dns.Resolver, name: string): Promise<[Answered, Answered]> {
  const answered: [Answered, Answered] = [{ records: [] }, { records: [] }];
  const ask = async (at: 0 | 1, question: Promise<RecordWithTtl[]>) => {
    try {
      const records = await question;
      // Of an alias that leads to a name without addresses there are none, and no error.
      answered[at] = records.length > 0 ? { records } : { records, code: 'ENODATA' };
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      // Names that cannot be asked for are no names.
      answered[at] = { records: [], code: code === 'EBADNAME' ? 'ENOTFOUND' : code };
    }
  };
  const questions = [
    ask(0, resolver.resolve4(name, { ttl: true })),
    ask(1, resolver.resolve6(name, { ttl: true })),
  ];
  const both = Promise.all(questions);
  await Promise.race(questions);
  if (answered.some(({ records }) => records.length > 0)) {
    const { promise: enough, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, otherFamilyMs);
    await Promise.race([both, enough]);
    clearTimeout(timer);
  } else {
    await both;
  }
  return answered;
}

function answerOf([four, six]: [Answered, Answered]): DnsAnswer {
  const ipv4 = four.records.map(({ address }) => ({ address, family: 4 }));
  const ipv6 = six.records.map(({ address }) => ({ address, family: 6 }));
  const ttlSeconds = Math.min(...[...four.records, ...six.records].map(({ ttl }) => ttl));
  // Half an answer is not kept: the next look-up may have the rest.
  const isWhole = [four, six].every(({ records, code }) => records.length > 0 || code !== undefined);
  return {
    // The first is tried first; an IPv6 address only where there is a way to it (RFC 6724, 6: rule 1).
    addresses:
      ipv4.length > 0 && ipv6.length > 0 && hasPublicIpv6() ? [...ipv6, ...ipv4] : [...ipv4, ...ipv6],
    ttlMs: isWhole ? ttlSeconds * 1000 : 0,
  };
}

function hasPublicIpv6(): boolean {
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(
      ({ family, internal, address }) => family === 'IPv6' && !internal && addressRange(address) === 'public',
    ),
  );
}
