import path from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { GallopError } from '../core/errors.ts';
import type { Outcome } from '../core/outcome.ts';
import { reopenDuplicates } from './duplicate-rows.ts';
import { factsText } from './facts.ts';
import type { Claim, Journal, NameRequest, StoredFile } from './journal.ts';
import { closeDatabase, makeJournalFolder, openDatabase, setAside } from './journal-database.ts';
import { DamagedJournal, isUnusable, journalError } from './journal-errors.ts';
import { journalFile } from './journal-file.ts';
import { NamelessRows } from './nameless-rows.ts';
import {
  changedShardFiles,
  type DuplicateRow,
  type LikenessRow,
  likenessRows,
  notePacked,
  type ShardFileRow,
} from './shard-rows.ts';
import { isPathInside, pathOf, storedFile } from './stored-file.ts';

/** Outcomes wait this long, or until there are so many, for one transaction. */
const flushMs = 100;
const flushRows = 1000;
/** What a claim needs to know of a row, in the order of `read`. */
const columns = 'target, claimed_ms, status, path, bytes, sha256, mime, width, height, recipe, facts, made';
/** As many names as this are not taken in any directory: then the journal's index is wrong. */
const mostRounds = 1_000_000;

/** How this run makes its files, and which it leaves out: what a later one has to agree with to keep them. */
export interface Made {
  stage: string | null;
  filters: string;
  /** What it reads: the same for runs over the same input. Left out where its items are those of the journal. */
  input?: string;
}

const asReceived: Made = { stage: null, filters: '' };

export interface OpenedJournal {
  journal: Journal;
  /** What a person should know: a journal that was set aside. */
  notes: string[];
}

/**
 * Opens `.gallop/journal.db` under the destination, for one process at a time: SQLite's exclusive lock
 * is the operating system's, so it is gone when its holder is, however it ended.
 * Throws a `UsageError` when another run holds it, a `DiskError` when the directory cannot be written.
 */
export function openJournal(directory: string, made: Made = asReceived): OpenedJournal {
  makeJournalFolder(directory);
  const file = journalFile(directory);
  const open = (isReplacement: boolean) => {
    const database = openDatabase(file);
    try {
      return new SqliteJournal(file, database, isReplacement, made);
    } catch (error) {
      closeDatabase(database, file);
      throw isUnusable(error) ? new DamagedJournal('damaged', { cause: error }) : error;
    }
  };
  try {
    try {
      return { journal: open(false), notes: [] };
    } catch (error) {
      if (!(error instanceof DamagedJournal)) throw error;
      const aside = path.basename(setAside(file));
      const note =
        `the journal ${file} is ${error.message}; it was set aside as ${aside}, and a new one begun: ` +
        'files that are there and whole are kept, with nothing to compare their bytes with';
      return { journal: open(true), notes: [note] };
    }
  } catch (error) {
    throw error instanceof GallopError ? error : journalError(error, file);
  }
}

class SqliteJournal implements Journal {
  readonly #made: Made;
  readonly #file: string;
  readonly #database: DatabaseSync;
  readonly #find: StatementSync;
  readonly #forget: StatementSync;
  readonly #take: StatementSync;
  readonly #takeAgain: StatementSync;
  readonly #note: StatementSync;
  readonly #store: StatementSync;
  readonly #leave: StatementSync;
  readonly #nameless: NamelessRows;
  readonly #openedMs = Date.now();
  readonly #filesSinceMs: number | null;
  #pending: Outcome[] = [];
  #timer: NodeJS.Timeout | undefined;
  #failure: Error | undefined;
  /** The last item that was asked for was not known: the next may not be, either. */
  #expectsNew = false;

  /**
   * `isReplacement`: of a journal that was set aside, so that what is on the disk may be this one's, whenever it came.
   */
  constructor(file: string, database: DatabaseSync, isReplacement: boolean, made: Made) {
    this.#file = file;
    this.#made = made;
    this.#filesSinceMs = isReplacement ? 0 : null;
    this.#database = database;
    this.#find = database.prepare(`SELECT ${columns} FROM items WHERE key = ?`);
    // What no run wrote may be any number, and one that is too large for JavaScript would throw.
    this.#find.setReadBigInts(true);
    // Half the time of rows that are objects.
    this.#find.setReturnArrays(true);
    this.#forget = database.prepare('DELETE FROM items WHERE key = ?');
    this.#take = database.prepare(
      'INSERT INTO items (key, collision, target, claimed_ms, recipe) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    );
    this.#takeAgain = database.prepare("UPDATE items SET status = 'claimed', claimed_ms = ? WHERE key = ?");
    this.#note = database.prepare('UPDATE items SET recipe = ? WHERE key = ?');
    this.#store = database.prepare(
      `UPDATE items SET status = 'saved', url = ?, path = ?, bytes = ?, sha256 = ?, mime = ?, width = ?, height = ?,
       error = NULL, ended_ms = ?, facts = ?, made = ? WHERE key = ?`,
    );
    // What was stored before stays noted: the path is still this item's, and `verify` asks for the file.
    this.#leave = database.prepare(
      'UPDATE items SET status = ?, url = ?, error = ?, ended_ms = ?, facts = ?, made = ? WHERE key = ?',
    );
    this.#nameless = new NamelessRows(database, made.input ?? '');
    if (made.input !== undefined) this.#nameless.forget();
  }

  claim(requests: readonly NameRequest[]): Claim[] {
    return this.#transaction(() => requests.map((request) => this.#claimOne(request)));
  }

  record(outcome: Outcome): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#pending.push(outcome);
    if (this.#pending.length >= flushRows) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flushLater(), flushMs);
  }

  recordNameless(outcomes: readonly Outcome[]): void {
    this.#transaction(() => this.#nameless.put(outcomes, Date.now()));
  }

  packed(staged: string | null, files: readonly ShardFileRow[], duplicates: readonly DuplicateRow[]): void {
    this.#flush();
    this.#transaction(() => notePacked(this.#database, staged, files, duplicates));
  }

  changedShardFiles(): string[] {
    return changedShardFiles(this.#database);
  }

  reopenDuplicates(isThere: (file: StoredFile) => boolean): void {
    this.#transaction(() => reopenDuplicates(this.#database, isThere));
  }

  likenesses(): Iterable<LikenessRow> {
    return likenessRows(this.#database);
  }

  close(): void {
    try {
      this.#flush();
    } finally {
      closeDatabase(this.#database, this.#file);
    }
  }

  #claimOne(request: NameRequest): Claim {
    // One statement for a new item, where it would be two.
    if (this.#expectsNew && this.#takes(request, request.collisionKey, request.target)) {
      return this.#newClaim(request.target);
    }
    const row = this.#read(request.key);
    this.#expectsNew = row === undefined;
    if (row === undefined) return this.#claimNew(request);
    if (!isPathInside(String(row.target))) {
      this.#forget.run(request.key);
      return this.#claimNew(request);
    }
    // A source may promise something else now.
    const { recipe } = request;
    if (recipe !== undefined && row.recipe !== recipe) this.#note.run(recipe, request.key);
    const claimedMs = Number(row.claimed_ms);
    // What failed, or was left out, in an earlier run has no file. From now on it may get one, whatever becomes of this run.
    // What this run leaves out for the same reason stays as it is: no outcome of it will be recorded.
    const isLeftOut = row.status === 'skipped' && row.made === this.#made.filters;
    const hasNone = row.status === 'failed' || (row.status === 'skipped' && !isLeftOut);
    if (hasNone && claimedMs < this.#openedMs) this.#takeAgain.run(Date.now(), request.key);
    return {
      target: String(row.target),
      isKnown: true,
      unfinishedSinceMs: row.status === 'claimed' ? claimedMs : null,
      ownedPath: pathOf(row),
      stored: storedFile(row),
      isSkipped: row.status === 'skipped',
      facts: typeof row.facts === 'string' ? row.facts : null,
      made: typeof row.made === 'string' ? row.made : null,
    };
  }

  #read(key: string) {
    const row = this.#find.get(key) as unknown as unknown[] | undefined;
    if (row === undefined) return undefined;
    const [target, claimed_ms, status, path, bytes, sha256, mime, width, height, recipe, facts, made] = row;
    return { target, claimed_ms, status, path, bytes, sha256, mime, width, height, recipe, facts, made };
  }

  #claimNew(request: NameRequest): Claim {
    let { target, collisionKey } = request;
    // A name may be made up to be another's alternative, but not all of them.
    for (let round = 1; !this.#takes(request, collisionKey, target); round += 1) {
      if (round > mostRounds) throw new DamagedJournal('damaged');
      [target, collisionKey] = request.alternative(round);
    }
    return this.#newClaim(target);
  }

  #newClaim(target: string): Claim {
    return {
      target,
      isKnown: false,
      unfinishedSinceMs: this.#filesSinceMs,
      ownedPath: null,
      stored: null,
      isSkipped: false,
      facts: null,
      made: null,
    };
  }

  /** False where another item has it. */
  #takes({ key, recipe }: NameRequest, collisionKey: string, target: string): boolean {
    return Number(this.#take.run(key, collisionKey, target, Date.now(), recipe ?? null).changes) === 1;
  }

  #flushLater(): void {
    try {
      this.#flush();
    } catch (error) {
      // Nobody calls a timer: the next `record` or `close` says it.
      this.#failure = error as Error;
    }
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#failure !== undefined) throw this.#failure;
    const outcomes = this.#pending;
    if (outcomes.length === 0) return;
    this.#pending = [];
    this.#transaction(() => {
      for (const outcome of outcomes) {
        const { status, url, path: file, bytes, sha256, mime, width, height, error, key } = outcome;
        // A run's journal is opened when it starts.
        const endedMs = Math.round(this.#openedMs + outcome.endedMs);
        const facts = factsText(outcome);
        if (status === 'failed' || status === 'skipped') {
          this.#leave.run(status, url, error?.code ?? null, endedMs, facts, this.#made.filters, key);
        } else
          this.#store.run(
            url,
            file,
            bytes,
            sha256,
            mime,
            width,
            height,
            endedMs,
            facts,
            this.#made.stage,
            key,
          );
      }
    });
  }

  #transaction<T>(step: () => T): T {
    try {
      this.#database.exec('BEGIN');
      const result = step();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw journalError(error, this.#file);
    }
  }
}
