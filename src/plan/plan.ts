import fs from 'node:fs';
import path from 'node:path';
import { blankOutcome, failedOutcome } from '../core/blank-outcome.ts';
import type { Item } from '../core/item.ts';
import type { Outcome } from '../core/outcome.ts';
import { recipeText } from '../core/recipe.ts';
import type { Work } from '../core/run-spec.ts';
import { suffixed } from '../core/target.ts';
import type { Journal, NameRequest, StoredFile } from '../journal/journal.ts';
import { batches } from './batches.ts';
import { KeySet } from './key-set.ts';
import { collisionKey, compileTemplate } from './output-name.ts';

export interface PlanContext {
  /** Destination directory. */
  dir: string;
  /** Template of the output names. */
  name: string;
  journal: Pick<Journal, 'claim'>;
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
  const outputName = compileTemplate(context.name);
  const seen = new KeySet();
  for await (const found of batches(items, batchItems)) {
    // What its source knows to be wrong needs no name.
    for (const item of found.filter(({ failure }) => failure !== undefined)) {
      await context.settled(failedOutcome(item, item.failure!));
    }
    const batch = found.filter(({ failure }) => failure === undefined);
    const claims = context.journal.claim(batch.map((item) => request(item, outputName(item))));
    for (const [at, item] of batch.entries()) {
      const claim = claims[at]!;
      if (claim.isKnown && seen.has(item.key)) {
        await context.settled({ ...blankOutcome(item), status: 'skipped' });
        continue;
      }
      seen.add(item.key);
      if (claim.stored !== null && isThere(context.dir, claim.stored)) {
        await context.settled({ ...blankOutcome(item), ...claim.stored, status: 'kept' });
      } else {
        yield {
          item,
          target: claim.target,
          // What is gone needs no replacing; by the time of the download another's file may bear the name.
          ownedPath:
            claim.ownedPath !== null && stands(context.dir, claim.ownedPath) ? claim.ownedPath : null,
          adoptSinceMs: claim.unfinishedSinceMs,
        };
      }
    }
  }
}

function request(item: Item, target: string): NameRequest {
  // A name that is only known with the bytes cannot collide before they are there.
  const isOpen = /\{(sha256|remote)\}/.test(target);
  const { key } = item;
  const form = (name: string) => (isOpen ? `\0${key}` : collisionKey(name));
  return {
    key,
    target,
    collisionKey: form(target),
    alternative: (round) => {
      const other = suffixed(target, round === 1 ? key : `${key} ${round}`);
      return [other, form(other)];
    },
    recipe: item.isRemembered ? undefined : recipeText(item),
  };
}

function stands(dir: string, file: string): boolean {
  try {
    return fs.lstatSync(path.join(dir, file), { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** Whether the stored file is there with its size; its bytes are `verify`'s business. */
function isThere(dir: string, stored: StoredFile): boolean {
  try {
    const found = fs.lstatSync(path.join(dir, stored.path));
    return found.isFile() && found.size === stored.bytes;
  } catch {
    // Gone, or something else stands where its directory was: the download will say which.
    return false;
  }
}
