import fs from 'node:fs';
import { asDiskError, DiskError, UsageError } from '../core/errors.ts';
import type { Item } from '../core/item.ts';
import { itemNote } from '../core/item-note.ts';
import type { Outcome } from '../core/outcome.ts';
import type { RunSpec } from '../core/run-spec.ts';

/** The failed items as a list that `-i` reads (`--failed`): a comment with the reason, a note of the item, the URL. */
export class FailedList {
  readonly #file: string;
  #descriptor: number | undefined;

  /** Throws a `UsageError` where it would overwrite the list that is read, a `DiskError` where it cannot be written. */
  constructor({ failedFile, input }: Pick<RunSpec, 'failedFile' | 'input'>) {
    this.#file = failedFile ?? '';
    if (failedFile === null) return;
    if (input !== null && isSameFile(failedFile, input)) {
      throw new UsageError(`--failed ${failedFile} is the list that -i reads`, {
        hint: 'name another file: this one would be lost',
      });
    }
    this.#descriptor = this.#onDisk(() => fs.openSync(failedFile, 'w'));
  }

  add(outcome: Outcome, item: Item | undefined): void {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return;
    const why = `${outcome.error?.code}: ${outcome.error?.message}`.replace(/[\s\p{Control}]+/gu, ' ');
    // A line that is no URL would be a bad line again: it is kept, as a comment.
    const line = URL.parse(outcome.url)?.href ?? `# ${outcome.url}`;
    const note = item === undefined || item.failure !== undefined ? '' : `${itemNote(item)}\n`;
    this.#onDisk(() => fs.writeSync(descriptor, `# ${why}\n${note}${line.replace(/[\r\n]/g, '')}\n`));
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

function isSameFile(one: string, other: string): boolean {
  const [a, b] = [one, other].map((file) => fs.statSync(file, { throwIfNoEntry: false }));
  return a?.isFile() === true && a.ino === b?.ino && a.dev === b.dev;
}
