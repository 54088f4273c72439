import { access, constants, lstat } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { DiskError, InterruptedError, UsageError } from '../core/errors.ts';
import { writeWholeText } from '../drawing/text-file.ts';
import { Thumbnailer } from '../image/thumbnailer.ts';
import { type JournalView, lookInto } from '../journal/journal-view.ts';
import { isReport, reportFile } from '../journal/report-file.ts';
import { type ContactPicture, contactPictures, type SamplePicture } from './contact-sheet.ts';
import type { DirectoryReport } from './directory-report.ts';
import { EvenSample } from './even-sample.ts';
import { reportPage } from './report-page.ts';
import { Tally } from './tally.ts';

export interface ReportContext {
  /** Where the page is written; null for no page, left out for `report.html` in the directory. */
  file?: string | null;
  signal?: AbortSignal;
}

export interface WrittenReport extends DirectoryReport {
  /** Where the page is; null where none was asked for. */
  file: string | null;
}

const shownPictures = 120;
/** Pixels of their larger side, for screens with two a point. */
const thumbnailSide = 176;
/** Between them others get a turn, Ctrl-C among them. */
const rowsAtOnce = 5000;

/**
 * Counts what the journal of `dir` says, also while a run writes it, and makes a page of it. Changes nothing but the
 * page. Rejects with a `UsageError` where there is no journal, or the page may not be written there; with a
 * `DiskError`; and with an `InterruptedError` when `signal` is aborted.
 */
export async function makeReport(dir: string, { file, signal }: ReportContext): Promise<WrittenReport> {
  const place = file === undefined ? reportFile(dir) : file;
  if (place !== null) await checkPlace(place, file === undefined);
  const { report, samples } = await lookInto(dir, (view) => count(view, signal), signal);
  if (place === null) return { ...report, file: null };
  const pictures: ContactPicture[] = [];
  const thumbnailer = new Thumbnailer(thumbnailSide);
  try {
    const made = contactPictures(dir, samples, (bytes) => thumbnailer.make(bytes));
    for await (const picture of made) {
      refuseAborted(signal);
      pictures.push(picture);
    }
  } finally {
    await thumbnailer.close();
  }
  const page = reportPage(report, {
    name: path.basename(path.resolve(dir)),
    pictures,
    base: baseOf(place, dir),
  });
  try {
    await writeWholeText(place, page);
  } catch (error) {
    if (error instanceof DiskError) throw withPlaceHint(error);
    throw error;
  }
  return { ...report, file: place };
}

async function count(
  view: JournalView,
  signal: AbortSignal | undefined,
): Promise<{ report: DirectoryReport; samples: SamplePicture[] }> {
  const when = new Date();
  const tally = new Tally();
  const samples = new EvenSample<SamplePicture & { row: number }>(shownPictures);
  let rows = 0;
  const breathe = async () => {
    rows += 1;
    if (rows % rowsAtOnce !== 0) return;
    await turn();
    refuseAborted(signal);
  };
  for (const row of view.rows()) {
    tally.add(row);
    const place = row.path ?? row.packed;
    if (place !== undefined && row.mime?.startsWith('image/')) {
      const { width, height, picture } = row;
      samples.add({ place, width, height, blurhash: picture?.blurhash ?? null, row: rowOf(row.key) });
    }
    await breathe();
  }
  for (const set of view.sameFiles()) {
    tally.addSet(set);
    await breathe();
  }
  const inOrder = samples.values().toSorted((one, other) => one.row - other.row);
  return { report: tally.report(when, view.isHeld), samples: inOrder };
}

/** The number that the key of a data set's row begins with, by which keys do not come in order. 0 of all others, which stay in theirs. */
const rowOf = (key: string): number => Number(/^\d{1,15}(?= )/.exec(key)?.[0] ?? 0);

function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new InterruptedError();
}

/** Refuses early what could not, or should not, be written in the end. */
async function checkPlace(file: string, isDefault: boolean): Promise<void> {
  const hint = 'choose another place with -o';
  const found = await lstat(file).catch(() => null);
  if (found?.isDirectory())
    throw new UsageError(`cannot write a report as ${file}: it is a directory`, { hint });
  if (isDefault && found !== null && !isReport(file)) {
    throw new UsageError(`${file} is there already, and is no report`, { hint });
  }
  // A directory that is there and cannot be written is for the disk to refuse.
  await access(path.dirname(file), constants.F_OK).catch((cause) => {
    // Of the destination itself the journal tells.
    if (!isDefault) throw new UsageError(`cannot write a report in ${path.dirname(file)}`, { cause, hint });
  });
}

function withPlaceHint({ message, code, cause }: DiskError): DiskError {
  return new DiskError(message, { code, hint: 'choose another place with -o', cause });
}

/** From the page to the directory; null where the way there would tell more of this machine than the directory's name. */
function baseOf(file: string, dir: string): string | null {
  const way = path.relative(path.dirname(file), dir).split(path.sep);
  if (way.includes('..') || path.isAbsolute(way.join(path.sep))) return null;
  return ['.', ...way.filter((part) => part !== '').map(encodeURIComponent), ''].join('/');
}
