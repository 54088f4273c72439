import type { Outcome } from '../core/outcome.ts';
import type { DuplicateRow, LikenessRow, ShardFileRow } from './shard-rows.ts';

/** What the plan wants a name for. */
export interface NameRequest {
  key: string;
  /** The wished target, and the form in which two targets are the same file (case, Unicode). */
  target: string;
  collisionKey: string;
  /**
   * The target to take when another item has the wished one, and, in round 2 and on, the one before; as
   * `[target, collisionKey]`. The same in each round on every run.
   */
  alternative: (round: number) => [target: string, collisionKey: string];
  /**
   * What it takes to fetch the item again: see `core/recipe.ts`. Null where there is nothing to say; left out where
   * what the journal has is to stay.
   */
  recipe?: string | null;
}

/** What the journal knows of an item once its name is settled. */
export interface Claim {
  /** This item's for good, on every run. */
  target: string;
  /** Whether the key was claimed before, by an earlier run or in this one. */
  isKnown: boolean;
  /**
   * When a run claimed it that never said how it ended (it was killed, or stopped), in epoch
   * milliseconds; else null.
   */
  unfinishedSinceMs: number | null;
  /** Where a file of this item was stored once, whatever became of it. */
  ownedPath: string | null;
  /** The file, where one is stored. */
  stored: StoredFile | null;
  /** It was left out. */
  isSkipped: boolean;
  /** What was found of it: see `readFacts`. */
  facts: string | null;
  /** What named the stage that made the file, or the filters that left it out (`core/stage.ts`). */
  made: string | null;
}

export interface StoredFile {
  path: string;
  bytes: number;
  sha256: string;
  mime: string | null;
  width: number | null;
  height: number | null;
}

export type StoredRow = StoredFile & {
  key: string;
  url: string;
  recipe: string | null;
  /** As `Claim` has it. */
  made: string | null;
};

/** What is done, so that a run can go on where another stopped. */
export interface Journal {
  /**
   * Settles the names of a batch, in order, and remembers them before it returns: whatever happens
   * afterwards, a file under a claimed name is known to be the item's.
   * Throws a `DiskError` when the disk refuses.
   */
  claim(requests: readonly NameRequest[]): Claim[];
  /** Remembers soon, in batches; `close` remembers the rest. Throws a `DiskError` when the disk refuses. */
  record(outcome: Outcome): void;
  /** Remembers at once what failed before it could get a name, until the next run over the same input. */
  recordNameless(outcomes: readonly Outcome[]): void;
  /** See `notePacked`. Remembers at once. */
  packed(staged: string | null, files: readonly ShardFileRow[], duplicates: readonly DuplicateRow[]): void;
  /** Files of finished shards that a verification found changed, relative to the destination. */
  changedShardFiles(): string[];
  /** What was left out as the same as a picture that is not there any more is taken anew by its next claim. */
  reopenDuplicates(isThere: (file: StoredFile) => boolean): void;
  /** See `likenessRows`. To be read to its end before anything else is asked of the journal. */
  likenesses(): Iterable<LikenessRow>;
  close(): void;
}
