import { asGallopError, DiskError, type GallopError, InterruptedError } from '../core/errors.ts';
import type { NoteEvent, RunEvent, Summary, Usage } from '../core/events.ts';
import type { Item } from '../core/item.ts';
import type { Outcome } from '../core/outcome.ts';
import { proxySettings } from '../core/proxy-settings.ts';
import type { RunSpec } from '../core/run-spec.ts';
import { filterText, stageText } from '../core/stage.ts';
import { TableColumns, typeOfValue } from '../core/table-columns.ts';
import type { Journal } from '../journal/journal.ts';
import { type Made, openJournal } from '../journal/sqlite-journal.ts';
import { compileTemplate } from '../plan/output-name.ts';
import { plan } from '../plan/plan.ts';
import { makeDestination, prepareDirectory } from '../sinks/directory.ts';
import { Dispatcher } from '../strategies/dispatcher.ts';
import type { PlaceUsage } from '../strategies/place.ts';
import { strategies } from '../strategies/strategies.ts';
import { begun } from './begun.ts';
import { Closers } from './closers.ts';
import { type DataSet, openDataSet } from './data-set.ts';
import { openDuplicates } from './duplicates.ts';
import type { EventQueue } from './event-queue.ts';
import { FailedList } from './failed-list.ts';
import { HostMemory } from './host-memory.ts';
import { Intake } from './intake.ts';
import { openListingSession } from './listing-session.ts';
import { Meter } from './meter.ts';
import type { RunContext } from './run-context.ts';
import { meterUsage } from './usage-meter.ts';

export interface RunResult {
  summary: Summary;
  /** What the run used, with all its threads and processes. */
  usage: Usage;
}

/** Downloads in flight have this long to end when the run is stopped. */
const graceMs = 5000;
const progressMs = 200;
/** A shorter pause is over before anybody wonders. */
const noteworthyPauseMs = 5000;

/**
 * One run, wired together: source, plan, strategy, journal. Its events go to `queue`.
 *
 * Resolves when every item has its outcome, also when some failed and when the run was stopped
 * (`exitCode` says so). Rejects with a `GallopError` where the run could not go on: a `UsageError`, a
 * `ListingError` (what was listed before is downloaded first), a `DiskError`.
 */
export async function performRun(
  spec: RunSpec,
  context: RunContext,
  queue: EventQueue<RunEvent>,
): Promise<RunResult> {
  const measured = meterUsage();
  const meter = new Meter();
  const closers = new Closers();
  const intake = new Intake(spec, meter, queue);
  const signal = context.signal ?? new AbortController().signal;
  // Aborts when nothing more is taken, so that a source that waits for ever is left.
  const listing = new AbortController();
  const note = (level: NoteEvent['level'], message: string) => queue.offer({ event: 'note', level, message });
  let dispatcher: Dispatcher | undefined;
  let dataSet: DataSet | null = null;
  let workers: PlaceUsage = { cpuSeconds: 0, pictureCpuSeconds: 0, peakRssBytes: 0 };
  let failure: GallopError | undefined;
  try {
    const columns = new TableColumns();
    const hooks = { note, columns };
    const listed = await openItems(spec, { ...context, signal: listing.signal }, meter, hooks, closers);
    // Before anything is requested: a directory that cannot be written or is in use ends the run here.
    const { sources, input, range } = spec;
    const made = {
      ...{ stage: stageText(spec), filters: filterText(spec) },
      ...(context.items === undefined ? { input: JSON.stringify([sources, input, range]) } : {}),
    };
    const journal = openRunJournal(spec, made, note, closers);
    // A worker that was killed could not clear away what it had begun. What this run left undone is there for
    // the next one; a full disk needs the room of all.
    const openedMs = Date.now();
    closers.add(() => {
      const isUndone = failure !== undefined || signal.aborted || meter.failed > 0;
      const keptUntilMs = failure instanceof DiskError ? 0 : isUndone ? Number.POSITIVE_INFINITY : openedMs;
      prepareDirectory(spec.dir, keptUntilMs);
    });
    const failed = new FailedList(spec);
    closers.add(() => failed.close());
    // What cannot be listed begins no data set: its options would be settled by then.
    const items = spec.output === null ? listed : await begun(listed, signal, closers);
    // Whoever settles waits for the promise, if there is one.
    dataSet = await openDataSet(spec, columns.list, journal, note, signal);
    closers.add(() => dataSet?.close());
    const nameOf = dataSet?.nameOf ?? compileTemplate(spec.name);
    const duplicates = await openDuplicates(spec, journal);
    const settle = (outcome: Outcome) => {
      meter.count(outcome);
      const item = intake.settle(outcome.key);
      if (outcome.status === 'failed') failed.add(outcome, item);
      return queue.push({ event: 'outcome', ...(dataSet?.told(outcome) ?? outcome) });
    };
    const environment = context.environment ?? process.env;
    const memory =
      spec.strategy === 'auto' && context.isIsolated !== true ? new HostMemory(environment) : null;
    const team = new Dispatcher(strategies[spec.strategy], {
      spec,
      proxies: proxySettings(spec, environment),
      signal,
      graceMs,
      note,
      received: (bytes) => meter.received(bytes),
      paused: (host, { ms, asked }) => {
        if (asked && ms >= noteworthyPauseMs) note('info', `${host} asks to wait ${Math.ceil(ms / 1000)} s`);
      },
      window: (event) => queue.offer(event),
      recall: (host) => memory?.recall(host),
      stopped: () => listing.abort(),
    });
    dispatcher = team;
    closers.add(async () => {
      workers = await team.close();
      memory?.keep(team.experiences());
    });
    const ticker = setInterval(() => {
      if (intake.started) queue.offer(meter.progress(team.inFlight, team.computing));
    }, progressMs);
    closers.add(() => clearInterval(ticker));
    // What the plan settles is in the journal already.
    const settled = (outcome: Outcome) => {
      dataSet?.settled(outcome);
      return settle(outcome);
    };
    const wanted = intake.items(items);
    const missing = dataSet?.missing(wanted, settle) ?? wanted;
    const work = plan(missing, {
      ...{ dir: spec.dir, nameOf, journal, settled, ...made },
      ...(dataSet && { isThere: dataSet.isThere }),
    });
    for await (const found of team.run(work)) {
      const outcome = duplicates?.judge(found) ?? found;
      journal.record(outcome);
      const full = settled(outcome);
      if (full !== undefined) await full;
    }
    if (intake.isDone) await dataSet?.end();
  } catch (error) {
    failure = asGallopError(error);
  }
  const { seconds } = meter;
  // Everything is on the disk before the end is told.
  await closers.close().catch((error: unknown) => {
    failure ??= asGallopError(error);
  });
  if (failure instanceof InterruptedError && signal.aborted) failure = undefined;
  const { saved, kept, skipped, skippedBy, failed, savedBytes: bytes } = meter;
  const summary = {
    strategy: spec.strategy,
    saved,
    kept,
    skipped,
    skippedBy,
    failed,
    bytes,
    seconds,
    peakInFlight: dispatcher?.peakInFlight ?? 0,
    reason: dispatcher?.reason ?? null,
    dataSet: dataSet?.counts ?? null,
    exitCode: failure?.exitCode ?? (signal.aborted && !intake.isDone ? 130 : failed > 0 ? 3 : 0),
  };
  intake.start();
  await queue.push(meter.progress(0));
  await queue.push({ event: 'end', ...summary });
  if (failure !== undefined) throw failure;
  return { summary, usage: measured(workers) };
}

type Note = (level: NoteEvent['level'], message: string) => void;

function openRunJournal(spec: RunSpec, made: Made, note: Note, closers: Closers): Journal {
  makeDestination(spec.dir);
  const { journal, notes } = openJournal(spec.dir, made);
  closers.add(() => journal.close());
  for (const message of notes) note('warning', message);
  prepareDirectory(spec.dir);
  return journal;
}

async function openItems(
  spec: RunSpec,
  context: RunContext,
  meter: Meter,
  { note, columns }: { note: Note; columns: TableColumns },
  closers: Closers,
): Promise<AsyncIterable<Item> | Iterable<Item>> {
  if (context.items !== undefined) {
    meter.total = context.items.length;
    if (spec.output !== null) addColumnsOf(context.items, columns);
    return context.items;
  }
  const session = await openListingSession(spec, context, {
    note,
    expectTotal: (items) => {
      meter.total = items;
    },
    tellColumns: (some) => columns.add(some),
  });
  closers.add(() => session.close());
  return session.items;
}

/** Of what was listed before, by somebody who did not know what its columns are. */
function addColumnsOf(items: Iterable<Item>, columns: TableColumns): void {
  for (const { row } of items) {
    for (const [name, value] of Object.entries(row?.columns ?? {})) columns.see(name, typeOfValue(value));
  }
}
