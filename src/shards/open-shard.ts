import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { blankOutcome } from '../core/blank-outcome.ts';
import { InternalError, UsageError } from '../core/errors.ts';
import type { Item, Json } from '../core/item.ts';
import type { Outcome } from '../core/outcome.ts';
import { stageOf } from '../core/stage.ts';
import { holds } from './columns.ts';
import { shardsDirectory } from './layout.ts';
import { OldRows } from './old-rows.ts';
import type { PackJob } from './pack.ts';
import { type RowValues, rowTexts, rowUrl, skipOf } from './row.ts';
import { RowSpool } from './row-spool.ts';
import type { ShardContext } from './shard-context.ts';
import type { ShardStats } from './stats.ts';

/** A shard that waits for its rows: those that it has, and those that are on their way. */
export class OpenShard {
  readonly number: number;
  readonly #context: ShardContext;
  readonly #old: ShardStats | null;
  readonly #oldRows: OldRows | null;
  readonly #startMs = Date.now();
  readonly #digest = createHash('sha256');
  readonly #spool: RowSpool;
  /** Without an outcome yet, by place; and whether the row stands in the shard already, as one that has failed. */
  readonly #awaited = new Map<number, { item: Item; old: RowValues | null }>();
  #taken = 0;
  /** Rows that the shard has already. */
  #found = 0;
  #lastPlace = -1;
  #isWhole = false;
  #hasNews = false;

  constructor(number: number, context: ShardContext, old: ShardStats | null) {
    const { spec, layout } = context;
    this.number = number;
    this.#context = context;
    this.#old = old;
    const table = path.join(spec.dir, layout.tableFile(number));
    this.#oldRows = old === null ? null : new OldRows(table, layout, number);
    this.#spool = new RowSpool(
      path.join(spec.dir, shardsDirectory, `${layout.name(number)}.rows`),
      layout.shardSize,
    );
  }

  /** Rows that it keeps, or will have to. */
  get taken(): number {
    return this.#taken;
  }

  /** Every row of it was taken, and every one has settled. */
  get isSettled(): boolean {
    return this.#isWhole && this.#awaited.size === 0;
  }

  /**
   * In the order of the places. Returns the outcome of what needs no download, as the shard has it; a promise only where there is a
   * shard. Throws a `UsageError` where the shard's row is another's.
   */
  take(item: Item): Outcome | null | Promise<Outcome | null> {
    const { layout, maker } = this.#context;
    const place = layout.placeOf(item.index);
    if (place <= this.#lastPlace) throw new InternalError(`item ${item.index} came after a later one`);
    this.#lastPlace = place;
    this.#taken += 1;
    const values = maker.inputValues(item);
    this.#check(item, values);
    this.#digest.update(`${JSON.stringify([place, item.lastingUrl ?? item.url, values])}\n`);
    if (this.#oldRows !== null) return this.#takeOld(item, place, this.#oldRows);
    this.#awaited.set(place, { item, old: null });
    return null;
  }

  /** Every shard has the same columns, of the same types; what the input said of them may not be so any more. */
  #check(item: Item, values: Record<string, Json>): void {
    const { spec, maker } = this.#context;
    for (const name in values) {
      const type = maker.inputColumns.get(name);
      if (type !== undefined && holds(type, values[name])) continue;
      const value = JSON.stringify(values[name]).slice(0, 60).toWellFormed();
      const what =
        type === undefined
          ? `a column '${name}', and the shards have none`
          : `'${name}' as ${value}, and the shards have it as ${type}`;
      throw new UsageError(`row ${item.index} has ${what}`, {
        code: 'other-shards',
        hint: `the columns of all rows are found before the first, or from the first row of a pipe: name them with --columns, and give a file that does not change; the shards are in ${spec.dir}`,
      });
    }
  }

  async #takeOld(item: Item, place: number, rows: OldRows): Promise<Outcome | null> {
    const old = await rows.at(place);
    if (old === null) {
      this.#awaited.set(place, { item, old });
      this.#hasNews = true;
      return null;
    }
    this.#found += 1;
    if (old.url !== rowUrl(item)) throw this.#otherRows(`row ${old.key} of it is ${old.url}`);
    const outcome = this.#outcomeOf(item, old);
    if (outcome === null) this.#awaited.set(place, { item, old });
    return outcome;
  }

  /** Throws a `UsageError` where the shard was made of other rows than those that were taken. */
  async takeNoMore(): Promise<void> {
    this.#isWhole = true;
    await this.#oldRows?.close();
    const isSame = this.#found === this.#taken && this.#taken === this.#old?.count;
    const input = this.#old?.gallop.input;
    // With fewer rows, or more, there is only their addresses to compare.
    if (isSame && input !== '' && input !== this.#inputDigest())
      throw this.#otherRows('its columns have other values');
  }

  /** Throws a `DiskError` where the disk refuses. */
  settle(outcome: Outcome): void {
    const { layout, maker } = this.#context;
    const place = layout.placeOf(outcome.index);
    const awaited = this.#awaited.get(place);
    if (awaited === undefined) throw new InternalError(`item ${outcome.index} has an outcome already`);
    this.#awaited.delete(place);
    const { item, old } = awaited;
    const row = maker.row(item, outcome, layout.key(outcome.index));
    // Its file is there as it was when it was packed.
    if (old?.status === 'success' && outcome.status === 'kept' && this.#hasTexts(row.values)) return;
    this.#spool.put(place, row);
    // One more refusal is none.
    if (old === null || outcome.status !== 'failed' || old.status === 'success') this.#hasNews = true;
  }

  /** What is to be packed; null where the shard is as it was. Throws a `DiskError` where the disk refuses. */
  job(): PackJob | null {
    if (!this.#hasNews) return null;
    return {
      shard: this.number,
      rows: this.#spool.spooled(),
      input: this.#inputDigest(),
      taken: this.#taken,
      startMs: this.#startMs,
      old: this.#old,
    };
  }

  async close(): Promise<void> {
    await this.#oldRows?.close();
    this.#spool.close();
  }

  /** Somebody may have removed one of those that lie in a folder. */
  #hasTexts(values: RowValues): boolean {
    const { layout, spec } = this.#context;
    if (layout.output !== 'files') return true;
    const place = path.join(spec.dir, layout.folder(this.number), values.key);
    return rowTexts(values, spec).every(([suffix]) => existsSync(place + suffix));
  }

  #inputDigest(): string {
    return this.#digest.copy().digest('hex');
  }

  /** What stands in the shard; null for what is tried again, and for a file of its own, which the journal knows. */
  #outcomeOf(item: Item, old: RowValues): Outcome | null {
    const { layout } = this.#context;
    const code = skipOf(old);
    if (code !== undefined) {
      const message = String(old.error_message).slice(code.length + 2);
      const duplicateOf =
        code === 'duplicate' ? { duplicateOf: message.slice(message.lastIndexOf(' ') + 1) } : {};
      return { ...blankOutcome(item), status: 'skipped', skip: { code, message, ...duplicateOf } };
    }
    if (old.status !== 'success' || layout.output === 'files') return null;
    return { ...blankOutcome(item), ...this.#factsOf(old), status: 'kept' };
  }

  #factsOf(old: RowValues): Partial<Outcome> {
    const { layout, spec } = this.#context;
    // As `RowMaker.row` wrote them, in a file whose digest is known.
    const { width, height, original_width, original_height, mime, bytes, sha256, phash, blurhash } =
      old as unknown as PackedFacts;
    const path = layout.files(this.number)[0]!;
    const isOriginal = stageOf(spec) === null;
    const original = {
      bytes: isOriginal ? bytes : 0,
      sha256,
      mime,
      width: original_width,
      height: original_height,
    };
    const picture = {
      original,
      ...(phash == null ? {} : { phash }),
      ...(blurhash == null ? {} : { blurhash }),
    };
    return { path, bytes, mime, width, height, sha256: isOriginal ? sha256 : null, picture };
  }

  #otherRows(what: string): UsageError {
    const { spec, layout } = this.#context;
    const table = path.join(spec.dir, layout.tableFile(this.number));
    return new UsageError(`${table} was made of other rows than the input has now: ${what}`, {
      code: 'other-shards',
      hint: 'use the same input, or another directory with -d; rows may be added at its end',
    });
  }
}

interface PackedFacts {
  width: number | null;
  height: number | null;
  original_width: number | null;
  original_height: number | null;
  mime: string;
  bytes: number;
  sha256: string;
  phash?: string | null;
  blurhash?: string | null;
}
