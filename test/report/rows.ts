import type { ReportRow } from '../../src/journal/report-rows.ts';
import type { DirectoryReport } from '../../src/report/directory-report.ts';
import { Tally } from '../../src/report/tally.ts';

/** 2026-01-02T03:04:05Z */
export const startMs = Date.UTC(2026, 0, 2, 3, 4, 5);

/** A saved picture, unless told otherwise. */
export const row = (n: number, more: Partial<ReportRow> = {}): ReportRow => ({
  ...{ key: `key ${n}`, url: `https://host/${n}.jpg`, status: 'saved', path: `${n}.jpg`, bytes: 1500 },
  ...{ mime: 'image/jpeg', width: 300, height: 200, errorCode: null, error: null },
  endedMs: startMs + n * 100,
  ...more,
});

export const failed = (n: number, more: Partial<ReportRow> = {}): ReportRow =>
  row(n, {
    ...{ status: 'failed', path: null, bytes: 0, mime: null, width: null, height: null },
    ...{ errorCode: 'not-found', error: 'HTTP 404' },
    ...more,
  });

export function reportOf(rows: Iterable<ReportRow>, isRunning = false): DirectoryReport {
  const tally = new Tally();
  for (const each of rows) tally.add(each);
  return tally.report(new Date(startMs), isRunning);
}
