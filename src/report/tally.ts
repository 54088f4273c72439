import { failures } from '../core/failures.ts';
import type { ReportRow, SameFiles } from '../journal/report-rows.ts';
import type { DirectoryReport, HostCount, ReasonCount, SpeedReport } from './directory-report.ts';
import { EvenSample } from './even-sample.ts';
import { byteEdges, Histogram, pixelEdges } from './histogram.ts';
import { TimeBins } from './time-bins.ts';
import { type GroupKind, TopGroups } from './top-groups.ts';

/** What is kept at most, of whatever has no natural end; twice as many are held on the way. */
const mostHosts = 2000;
const shownHosts = 50;
const mostCodes = 100;
/** Names and texts are kept in part. */
const longestCode = 60;
const longestText = 2000;
const shownExamples = 5;
const shownGroups = 20;
const mostBins = 2000;
const mostHostBins = 64;

interface Reason {
  items: number;
  examples: EvenSample<{ url: string; message: string | null }>;
}

const reasons: GroupKind<Reason> = {
  empty: () => ({ items: 0, examples: new EvenSample(shownExamples) }),
  merge: (into, { items }) => {
    into.items += items;
  },
  size: ({ items }) => items,
};

type HostTally = Record<'saved' | 'failed' | 'skipped' | 'bytes', number> & { times: TimeBins };

const hostTallies: GroupKind<HostTally> = {
  empty: () => ({ saved: 0, failed: 0, skipped: 0, bytes: 0, times: new TimeBins(mostHostBins) }),
  merge: (into, from) => {
    for (const name of ['saved', 'failed', 'skipped', 'bytes'] as const) into[name] += from[name];
    into.times.merge(from.times);
  },
  size: ({ saved, failed, skipped }) => saved + failed + skipped,
};

type FileCount = { files: number; bytes: number };

const fileCounts: GroupKind<FileCount> = {
  empty: () => ({ files: 0, bytes: 0 }),
  merge: (into, { files, bytes }) => {
    into.files += files;
    into.bytes += bytes;
  },
  size: ({ files }) => files,
};

/** Counts the rows of a journal, one by one, in memory that does not grow with them. */
export class Tally {
  readonly #counts = { items: 0, saved: 0, changed: 0, failed: 0, skipped: 0, open: 0 };
  #bytes = 0;
  #receivedBytes = 0;
  readonly #failures = new TopGroups(reasons, mostCodes);
  readonly #skips = new TopGroups(reasons, mostCodes);
  readonly #formats = new TopGroups(fileCounts, mostCodes);
  readonly #sizes = new Histogram(byteEdges);
  readonly #pixels = new Histogram(pixelEdges);
  readonly #hosts = new TopGroups(hostTallies, mostHosts);
  readonly #times = new TimeBins(mostBins);
  #firstMs = Number.POSITIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;
  readonly #leftOut = new TopGroups(fileCounts, mostHosts);
  readonly #sets = { sets: 0, files: 0, spareBytes: 0 };
  #largestSets: SameFiles[] = [];

  add(row: ReportRow): void {
    this.#counts.items += 1;
    if (row.status === 'claimed') {
      this.#counts.open += 1;
      return;
    }
    this.#counts[row.status] += 1;
    const host = this.#hosts.at(hostOf(row.url));
    if (row.status === 'failed') {
      host.failed += 1;
      this.#addReason(this.#failures, row.errorCode ?? 'internal', row.url, row.error);
    } else if (row.status === 'skipped') {
      host.skipped += 1;
      this.#addReason(this.#skips, row.skip?.code ?? 'unknown', row.url, row.skip?.message ?? null);
      if (row.skip?.duplicateOf !== undefined)
        this.#leftOut.at(row.skip.duplicateOf.slice(0, longestText)).files += 1;
    } else this.#addFile(row, host);
  }

  addSet(set: SameFiles): void {
    this.#sets.sets += 1;
    this.#sets.files += set.files;
    this.#sets.spareBytes += (set.files - 1) * set.bytes;
    this.#largestSets.push(set);
    if (this.#largestSets.length > 4 * shownGroups) this.#largestSets = largestOf(this.#largestSets);
  }

  report(when: Date, isRunning: boolean): DirectoryReport {
    const { top, rest } = this.#hosts.largest(shownHosts);
    return {
      when: when.toISOString(),
      isRunning,
      ...this.#counts,
      bytes: this.#bytes,
      receivedBytes: this.#receivedBytes,
      failures: reasonsOf(this.#failures, (code) =>
        Object.hasOwn(failures, code) ? failures[code as keyof typeof failures].hint : null,
      ),
      skips: reasonsOf(this.#skips, () => null),
      formats: this.#formats
        .largest(mostCodes)
        .top.map(([mime, count]) => ({ mime: mime === '' ? null : mime, ...count })),
      sizes: this.#sizes.bins(),
      pixels: this.#pixels.bins(),
      topHosts: top.map(([host, tally]) => ({ host, ...hostCount(tally) })),
      hosts: this.#hosts.count,
      otherHosts: rest === null ? null : hostCount(rest),
      speed: this.#speed(),
      duplicates: {
        ...this.#sets,
        largest: largestOf(this.#largestSets),
        leftOut: this.#leftOut.largest(shownGroups).top.map(([of, { files }]) => ({ of, items: files })),
      },
    };
  }

  #addReason(groups: TopGroups<Reason>, code: string, url: string, message: string | null): void {
    const reason = groups.at(code.slice(0, longestCode));
    reason.items += 1;
    const cut = (text: string) => text.slice(0, longestText).toWellFormed();
    reason.examples.add({ url: cut(url), message: message === null ? null : cut(message) });
  }

  #addFile({ bytes, mime, width, height, endedMs, picture }: ReportRow, host: HostTally): void {
    const received = picture?.original.bytes ?? bytes;
    this.#bytes += bytes;
    this.#receivedBytes += received;
    host.saved += 1;
    host.bytes += received;
    const format = this.#formats.at(mime?.slice(0, longestCode) ?? '');
    format.files += 1;
    format.bytes += bytes;
    this.#sizes.add(bytes);
    if (width !== null && height !== null) this.#pixels.add(Math.max(width, height));
    if (endedMs === null) return;
    host.times.add(endedMs, received);
    this.#times.add(endedMs, received);
    this.#firstMs = Math.min(this.#firstMs, endedMs);
    this.#lastMs = Math.max(this.#lastMs, endedMs);
  }

  #speed(): SpeedReport | null {
    const sessions = this.#times.sessions();
    if (sessions.length === 0) return null;
    const busy = this.#times.busy();
    return {
      first: new Date(this.#firstMs).toISOString(),
      last: new Date(this.#lastMs).toISOString(),
      ...ratesOf(busy),
      busySeconds: busy?.seconds ?? null,
      binSeconds: this.#times.widthMs / 1000,
      sessions: sessions.map((session) => ({
        start: new Date(session.startMs).toISOString(),
        items: session.bins.map(({ items }) => items),
        bytes: session.bins.map((bin) => bin.bytes),
      })),
    };
  }
}

function reasonsOf(groups: TopGroups<Reason>, hintOf: (code: string) => string | null): ReasonCount[] {
  return groups.largest(mostCodes).top.map(([code, { items, examples }]) => ({
    code,
    items,
    hint: hintOf(code),
    examples: examples.values(),
  }));
}

function hostCount({ times, ...counts }: HostTally): Omit<HostCount, 'host'> {
  return { ...counts, ...ratesOf(times.busy()) };
}

function ratesOf(busy: ReturnType<TimeBins['busy']>) {
  return {
    itemsPerSecond: busy === null ? null : busy.items / busy.seconds,
    bytesPerSecond: busy === null ? null : busy.bytes / busy.seconds,
  };
}

function largestOf(sets: SameFiles[]): SameFiles[] {
  const byName = (a: SameFiles, b: SameFiles) => (a.paths[0] < b.paths[0] ? -1 : 1);
  return sets
    .toSorted((a, b) => b.files - a.files || b.bytes - a.bytes || byName(a, b))
    .slice(0, shownGroups);
}

/** Of millions of addresses: a third of the time of parsing them. Empty of what is no address. */
function hostOf(url: string): string {
  const [, authority = ''] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#\\]{1,300})/i.exec(url) ?? [];
  return authority.slice(authority.lastIndexOf('@') + 1).toLowerCase();
}
