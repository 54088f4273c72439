import type { RepairEndEvent, RepairEvent, RunEvent, Summary } from '../core/events.ts';
import type { Item } from '../core/item.ts';
import type { Outcome } from '../core/outcome.ts';
import { readRecipe } from '../core/recipe.ts';
import type { RunSpec } from '../core/run-spec.ts';
import type { StoredRow } from '../journal/journal.ts';
import { markChanged } from '../journal/mark-changed.ts';
import { type EventQueue, running } from './event-queue.ts';
import { performRun, type RunResult } from './run.ts';
import type { RunContext } from './run-context.ts';
import { verifyFiles } from './stored-files.ts';

/** More of them are only counted. */
const mostNotes = 100;

/**
 * Verifies `spec.dir` as `performVerify` does, then fetches what is missing or changed by a run of its own, with the
 * options of `spec`: each file gets its old name, and one that is there stays until the new one is whole. To `queue`
 * go the `verified` events, the run's, where there is one, and one of its own at the end. Rejects as `verifyFiles`
 * and `performRun` do.
 */
export async function performRepair(
  spec: RunSpec,
  context: Omit<RunContext, 'items'>,
  queue: EventQueue<RepairEvent>,
): Promise<RepairEndEvent> {
  const startedAt = performance.now();
  const counts = { good: 0, missing: 0, changed: 0, foreign: 0, bytes: 0 };
  const wrong = new Map<string, StoredRow>();
  const changed: string[] = [];
  await verifyFiles(spec.dir, context.signal, (found, row) => {
    counts[found.state] += 1;
    counts.bytes += found.bytes;
    if (found.state === 'changed') changed.push(row!.key);
    if (found.state === 'changed' || found.state === 'missing') wrong.set(row!.key, row!);
    return queue.push({ event: 'verified', ...found });
  });
  // A run keeps a file of the right size; that the bytes are others it has to know from the journal.
  if (changed.length > 0) markChanged(spec.dir, changed);
  const done = { repaired: 0, renewed: 0, failed: 0, exitCode: 0 };
  if (wrong.size > 0) {
    const rows = [...wrong.values()];
    const note = credentialsNote(rows);
    if (note !== null) await queue.push({ event: 'note', level: 'warning', message: note });
    const tellRenewed = renewals(wrong, queue);
    const ownContext = { ...context, items: rows.map(itemOf) };
    const run = running<RunEvent, RunResult>((events) => performRun(spec, ownContext, events));
    for await (const event of run) {
      if (event.event === 'outcome' && (await tellRenewed(event))) done.renewed += 1;
      await queue.push(event);
    }
    const { summary } = await run.summary;
    Object.assign(done, resultOf(summary));
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const end: RepairEndEvent = { event: 'repair', ...counts, ...done, seconds };
  await queue.push(end);
  return end;
}

/** A file that came back while the run began counts as repaired, too. */
const resultOf = ({ saved, kept, failed, exitCode }: Summary) => ({
  repaired: saved + kept,
  failed,
  exitCode,
});

/**
 * As for an item of a list that the user has: the network around this machine may be reached where the first run
 * might, but metadata services only when somebody types them. A journal can come with its directory from elsewhere.
 */
function itemOf({ key, url, recipe }: StoredRow, at: number): Item {
  const { reach, expect, mirrors } = readRecipe(recipe);
  return {
    key,
    url,
    index: at + 1,
    reach: reach.filter((range) => range !== 'local'),
    ...(expect === undefined ? {} : { expect }),
    ...(mirrors === undefined ? {} : { mirrors }),
  };
}

function credentialsNote(rows: StoredRow[]): string | null {
  const count = rows.filter(({ recipe }) => readRecipe(recipe).hadUser).length;
  if (count === 0) return null;
  const who = count === 1 ? 'one address' : `${count} addresses`;
  return `${who} had a user or a password, which the journal does not keep: asked without; the command that fetched them has them`;
}

/** Says, up to a number, which files are other ones now than were stored; true for each. */
function renewals(
  wrong: ReadonlyMap<string, StoredRow>,
  queue: EventQueue<RepairEvent>,
): (outcome: Outcome) => Promise<boolean> {
  let told = 0;
  return async ({ status, key, sha256, path }) => {
    if (status !== 'saved' || sha256 === wrong.get(key)?.sha256) return false;
    told += 1;
    if (told <= mostNotes) {
      const message = `${path}: its source has other bytes now than were stored`;
      await queue.push({ event: 'note', level: 'info', message });
    }
    return true;
  };
}
