import { hash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Outcome } from '../core/outcome.ts';
import { factsText } from './facts.ts';

/**
 * Entries of an input that were found wrong before they could get a name, such as a row without an address: only their place
 * tells them apart. They stand in the journal for who counts what became of an input, and the next run over that input begins
 * them anew, for by then the places may be others'. In the index of names they stand by their input.
 */
export class NamelessRows {
  readonly #database: DatabaseSync;
  readonly #place: string;

  /** `input`: the same for runs over the same input. */
  constructor(database: DatabaseSync, input: string) {
    this.#database = database;
    // No name begins so. The digest has no secret that may stand in an address.
    this.#place = `\0\0${hash('sha256', input).slice(0, 32)}:`;
  }

  /** What earlier runs over the input found. */
  forget(): void {
    // By the index of the names; the sign after the colon ends the range.
    const end = `${this.#place.slice(0, -1)};`;
    this.#database.prepare('DELETE FROM items WHERE collision >= ? AND collision < ?').run(this.#place, end);
  }

  /** In one transaction of the caller's. A key that stands there by another input becomes this one's. */
  put(outcomes: readonly Outcome[], endedMs: number): void {
    const insert = this.#database.prepare(
      `INSERT INTO items (key, collision, target, claimed_ms, url, status, error, ended_ms, facts)
       VALUES (?, ?, '', ?, ?, 'failed', ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET collision = excluded.collision, url = excluded.url, error = excluded.error,
       ended_ms = excluded.ended_ms, facts = excluded.facts WHERE target = ''`,
    );
    for (const outcome of outcomes) {
      const { key, url, error } = outcome;
      insert.run(key, this.#place + key, endedMs, url, error?.code ?? null, endedMs, factsText(outcome));
    }
  }
}
