import fs from 'node:fs';
import { dirname } from 'node:path';
import { asDiskError, DiskError, UsageError } from '../core/errors.ts';
import type { Item } from '../core/item.ts';
import type { Outcome } from '../core/outcome.ts';
import type { RunSpec } from '../core/run-spec.ts';
import { type FailedEntry, listEntry, rowEntry } from './failed-entry.ts';

type FailedSpec = Pick<RunSpec, 'failedFile' | 'input'> & Partial<Pick<RunSpec, 'urlColumn'>>;

/** The failed items as `-i` reads them (`--failed`): as a list, or, where the name ends in .jsonl or .ndjson, as rows. */
export class FailedList {
  readonly #file: string;
  readonly #entry: FailedEntry;
  #descriptor: number | undefined;

  /** Throws a `UsageError` where it would overwrite the list that is read, a `DiskError` where it cannot be written. */
  constructor({ failedFile, input, urlColumn = null }: FailedSpec) {
    this.#file = failedFile ?? '';
    this.#entry = /\.(jsonl|ndjson)$/i.test(this.#file) ? rowEntry(urlColumn ?? 'url') : listEntry;
    if (failedFile === null) return;
    if (input.some((file) => isSame(failedFile, file))) {
      throw new UsageError(`--failed ${failedFile} is the list that -i reads`, {
        hint: 'name another file: this one would be lost',
      });
    }
    if (input.some((folder) => isSame(dirname(failedFile), folder))) {
      throw new UsageError(`--failed ${failedFile} is in the folder that -i reads`, {
        hint: 'name a file elsewhere: it would be one of the lists',
      });
    }
    this.#descriptor = this.#onDisk(() => fs.openSync(failedFile, 'w'));
  }

  add(outcome: Outcome, item: Item | undefined): void {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return;
    const text = this.#entry(outcome, item);
    this.#onDisk(() => fs.writeSync(descriptor, text));
  }

  close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) this.#onDisk(() => fs.closeSync(descriptor));
  }

  #onDisk<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      const what = `--failed ${this.#file}`;
      const { message } = error as Error;
      throw (
        asDiskError(error, what) ??
        new DiskError(`cannot write ${what}: ${message}`, {
          code: 'disk',
          hint: 'choose another file',
          cause: error,
        })
      );
    }
  }
}

/** Whether both are there, and one file or folder. What is neither may be written and read at once. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((file) => fs.statSync(file, { throwIfNoEntry: false }));
  return (a?.isFile() === true || a?.isDirectory() === true) && a.ino === b?.ino && a.dev === b.dev;
}
