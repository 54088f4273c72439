import { UsageError } from '../core/errors.ts';
import type { RepairEndEvent, RepairEvent, RunEvent, Summary } from '../core/events.ts';
import type { Item } from '../core/item.ts';
import { resolveRunSpec } from '../core/options/resolve-options.ts';
import type { Outcome } from '../core/outcome.ts';
import { readRecipe } from '../core/recipe.ts';
import type { RunSpec } from '../core/run-spec.ts';
import { readStage } from '../core/stage.ts';
import { countOrphanedDuplicates } from '../journal/journal-reader.ts';
import { markChanged } from '../journal/mark-changed.ts';
import { isDataSetKey } from '../journal/shard-rows.ts';
import { type WrongRow, WrongRows } from '../journal/wrong-rows.ts';
import { type EventQueue, running } from './event-queue.ts';
import { performRun, type RunResult } from './run.ts';
import type { RunContext } from './run-context.ts';
import { verifyInto } from './verify-into.ts';

/** More of them are only counted. */
const mostNotes = 100;

type RepairContext = Omit<RunContext, 'items'>;
type Repaired = Pick<RepairEndEvent, 'repaired' | 'renewed' | 'failed' | 'exitCode'>;

/**
 * Verifies `spec.dir` as `performVerify` does, then fetches what is missing or changed by a run of its own, with the
 * options of `spec`: each file gets its old name, and one that is there stays until the new one is whole. To `queue`
 * go the `verified` events, those of the runs, one for each way in which pictures were made, and one of its own at the end.
 * What is of a data set is left to a run over its input. Rejects as `verifyInto`,
 * `markChanged` and `performRun` do.
 */
export async function performRepair(
  spec: RunSpec,
  context: RepairContext,
  queue: EventQueue<RepairEvent>,
): Promise<RepairEndEvent> {
  const startedAt = performance.now();
  const wrong = new WrongRows();
  const ofDataSet = new WrongRows();
  try {
    let withUser = 0;
    const counts = await verifyInto(spec.dir, context.signal, queue, (row, state) => {
      const isOfDataSet = isDataSetKey(row.key);
      (isOfDataSet ? ofDataSet : wrong).add(row, state === 'changed');
      if (isOfDataSet) return;
      if (readRecipe(row.recipe).hadUser) withUser += 1;
    });
    // A run keeps a file of the right size; that the bytes are others it has to know from the journal.
    for (const rows of [wrong, ofDataSet]) {
      if (rows.changed > 0) markChanged(spec.dir, rows.changedKeys());
    }
    if (ofDataSet.length > 0) {
      await queue.push({ event: 'note', level: 'warning', message: dataSetNote(ofDataSet.length) });
    }
    if (withUser > 0) {
      await queue.push({ event: 'note', level: 'warning', message: credentialsNote(withUser) });
    }
    const done: Repaired = { repaired: 0, renewed: 0, failed: 0, exitCode: ofDataSet.length > 0 ? 3 : 0 };
    for (const { made, count } of wrong.stages()) {
      const { exitCode, ...more } = await fetchAgain(wrong, made, count, spec, context, queue);
      done.repaired += more.repaired;
      done.renewed += more.renewed;
      done.failed += more.failed;
      if (exitCode !== 0) done.exitCode = exitCode;
      if (context.signal?.aborted) break;
    }
    const orphans = done.failed > 0 ? countOrphanedDuplicates(spec.dir) : 0;
    if (orphans > 0) await queue.push({ event: 'note', level: 'info', message: orphansNote(orphans) });
    const seconds = (performance.now() - startedAt) / 1000;
    const end: RepairEndEvent = { event: 'repair', ...counts, ...done, seconds };
    await queue.push(end);
    return end;
  } finally {
    wrong.close();
    ofDataSet.close();
  }
}

/** Those whose files `made` made, in the same way. */
async function fetchAgain(
  wrong: WrongRows,
  made: string | null,
  count: number,
  options: RunSpec,
  context: RepairContext,
  queue: EventQueue<RepairEvent>,
): Promise<Repaired> {
  const spec = specFor(options, made);
  if (spec === null) {
    await queue.push({ event: 'note', level: 'warning', message: unknownStageNote(count) });
    return { repaired: 0, renewed: 0, failed: 0, exitCode: 3 };
  }
  const items = { length: count, [Symbol.iterator]: () => itemsOf(wrong.madeBy(made)) };
  const run = running<RunEvent, RunResult>((events) => performRun(spec, { ...context, items }, events));
  let renewed = 0;
  for await (const event of run) {
    if (event.event === 'outcome' && isRenewed(event, wrong)) {
      renewed += 1;
      if (renewed <= mostNotes) await queue.push(renewalNote(event));
    }
    await queue.push(event);
  }
  const { saved, kept, failed, exitCode }: Summary = (await run.summary).summary;
  // A file that came back while the run began counts as repaired, too.
  return { repaired: saved + kept, renewed, failed, exitCode };
}

/** The options with the stage that the journal names; null for what no run wrote. */
function specFor(options: RunSpec, made: string | null): RunSpec | null {
  if (made === null) return options;
  const stage = readStage(made);
  if (stage === null) return null;
  try {
    return resolveRunSpec({ ...options, ...stage });
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}

function* itemsOf(rows: Iterable<WrongRow>): Generator<Item> {
  for (const row of rows) yield itemOf(row);
}

/**
 * As for an item of a list that the user has: the network around this machine may be reached where the first run
 * might, but metadata services only when somebody types them. A journal can come with its directory from elsewhere.
 */
function itemOf({ key, url, recipe, index }: WrongRow): Item {
  const { reach, expect, mirrors } = readRecipe(recipe);
  return {
    key,
    url,
    index,
    reach: reach.filter((range) => range !== 'local'),
    isRemembered: true,
    ...(expect === undefined ? {} : { expect }),
    ...(mirrors === undefined ? {} : { mirrors }),
  };
}

function dataSetNote(count: number): string {
  const who = count === 1 ? 'one of these files is' : `${count} of these files are`;
  return `${who} of a data set: the same gallop command as before makes what is wrong anew`;
}

function unknownStageNote(count: number): string {
  const who = count === 1 ? 'one picture was' : `${count} pictures were`;
  return `${who} made in a way that this version cannot read: the same gallop command as before makes them again`;
}

function orphansNote(count: number): string {
  const [who, them] = count === 1 ? ['one picture was', 'it'] : [`${count} pictures were`, 'them'];
  return `${who} left out as the same as what could not be fetched: the same gallop command as before tries ${them}`;
}

function credentialsNote(count: number): string {
  const who = count === 1 ? 'one address' : `${count} addresses`;
  const what = 'had a user or a password, which the journal does not keep: asked without';
  return `${who} ${what}; the command that fetched them has them`;
}

/** Whether the file is another one now than was stored. */
const isRenewed = ({ status, index, sha256 }: Outcome, wrong: WrongRows) =>
  status === 'saved' && sha256 !== wrong.sha256At(index);

const renewalNote = ({ path }: Outcome): RepairEvent => ({
  event: 'note',
  level: 'info',
  message: `${path}: its source has other bytes now than were stored`,
});
