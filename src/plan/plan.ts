import fs from 'node:fs';
import { blankOutcome, failedOutcome } from '../core/blank-outcome.ts';
import type { Item } from '../core/item.ts';
import type { Outcome } from '../core/outcome.ts';
import { recipeText } from '../core/recipe.ts';
import type { Work } from '../core/run-spec.ts';
import { suffixed } from '../core/target.ts';
import { type Facts, readFacts } from '../journal/facts.ts';
import type { Claim, Journal, NameRequest, StoredFile } from '../journal/journal.ts';
import { batches } from './batches.ts';
import { KeySet } from './key-set.ts';
import { collisionKey, type OutputName } from './output-name.ts';

export interface PlanContext {
  /** Destination directory. */
  dir: string;
  nameOf: OutputName;
  journal: Pick<Journal, 'claim' | 'recordNameless'>;
  /** What this run makes of its pictures, and which it leaves out (`core/stage.ts`). */
  stage: string | null;
  filters: string;
  /** Whether what the journal knows to be stored is there. By its size, where nothing else is said. */
  isThere?(stored: StoredFile): boolean;
  /** An item that ends here, without a download. The plan waits for the promise. */
  settled(outcome: Outcome): Promise<void> | void;
}

/** Items that are claimed together, in one transaction. */
const batchItems = 256;

/**
 * From items to work: gives each its name, for good, and settles what the journal and the disk prove to
 * be there. Lazy: reads its source as far as work is asked for, plus one batch.
 */
export async function* plan(items: AsyncIterable<Item>, context: PlanContext): AsyncGenerator<Work> {
  const seen = new KeySet();
  for await (const found of batches(items, batchItems)) {
    // What its source knows to be wrong needs no name.
    const wrong = found.flatMap((item) => (item.failure ? [failedOutcome(item, item.failure)] : []));
    if (wrong.length > 0) context.journal.recordNameless(wrong);
    for (const outcome of wrong) await context.settled(outcome);
    const batch = found.filter(({ failure }) => failure === undefined);
    const claims = context.journal.claim(batch.map((item) => new Request(item, context.nameOf)));
    for (const [at, item] of batch.entries()) {
      const claim = claims[at]!;
      const outcome = settledOutcome(item, claim, seen.add(item.key), context);
      if (outcome !== null) {
        const full = context.settled(outcome);
        // A wait for nothing costs as much as all the rest of a file that is there.
        if (full !== undefined) await full;
        continue;
      }
      yield {
        item,
        target: claim.target,
        // What is gone needs no replacing; by the time of the download another's file may bear the name.
        ownedPath: claim.ownedPath !== null && stands(context.dir, claim.ownedPath) ? claim.ownedPath : null,
        adoptSinceMs: claim.unfinishedSinceMs,
      };
    }
  }
}

/** The outcome of an item that needs no download: it is there, or it came before in this run. */
function settledOutcome(item: Item, claim: Claim, isFirst: boolean, context: PlanContext): Outcome | null {
  if (claim.isKnown && !isFirst) return { ...blankOutcome(item), status: 'skipped' };
  const { stored, facts, made } = claim;
  if (claim.isSkipped && made === context.filters) {
    return { ...blankOutcome(item), status: 'skipped', ...picked(readFacts(facts)) };
  }
  if (stored === null || made !== context.stage) return null;
  if (!(context.isThere?.(stored) ?? isThere(context.dir, stored))) return null;
  const { path, bytes, sha256, mime, width, height } = stored;
  const outcome = { ...blankOutcome(item), path, bytes, sha256, mime, width, height };
  return { ...outcome, status: 'kept', ...(facts === null ? {} : picked(readFacts(facts))) };
}

const picked = ({ skip, picture }: Facts) => ({ ...(skip && { skip }), ...(picture && { picture }) });

/** Names are made when the journal asks for them: most items of a second run have theirs. */
class Request implements NameRequest {
  readonly key: string;
  readonly recipe: string | null | undefined;
  readonly #item: Item;
  readonly #outputName: OutputName;
  #target: string | undefined;

  constructor(item: Item, outputName: OutputName) {
    this.key = item.key;
    this.recipe = item.isRemembered ? undefined : recipeText(item);
    this.#item = item;
    this.#outputName = outputName;
  }

  get target(): string {
    this.#target ??= this.#outputName(this.#item);
    return this.#target;
  }

  get collisionKey(): string {
    return this.#form(this.target);
  }

  alternative(round: number): [target: string, collisionKey: string] {
    const other = suffixed(this.target, round === 1 ? this.key : `${this.key} ${round}`);
    return [other, this.#form(other)];
  }

  #form(target: string): string {
    // A name that is only known with the bytes cannot collide before they are there.
    return /\{(sha256|remote)\}/.test(this.target) ? `\0${this.key}` : collisionKey(target);
  }
}

function stands(dir: string, file: string): boolean {
  try {
    return fs.lstatSync(`${dir}/${file}`, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** Whether the stored file is there with its size; its bytes are `verify`'s business. */
export function isThere(dir: string, stored: StoredFile): boolean {
  try {
    // What is missing is no error, which would cost more than all the rest.
    const found = fs.lstatSync(`${dir}/${stored.path}`, { throwIfNoEntry: false });
    return found?.isFile() === true && found.size === stored.bytes;
  } catch {
    // Gone, or something else stands where its directory was: the download will say which.
    return false;
  }
}
