import { hash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Beginning, Stretch } from './sink.ts';

/** Unfinished files lie here, on the same file system as the final ones: a link or a rename is one step. */
export const partsDirectory = path.join('.gallop', 'parts');

/** What no run has gone on with for so long is not gone on with any more. */
const keptMs = 7 * 24 * 60 * 60 * 1000;

const maxNoteBytes = 64 * 1024;

/**
 * A new one for every draft: a worker that outlives its run for a moment, and finishes a file by its name,
 * must not find another's under it.
 */
export const newPart = (directory: string): string => `${directory}${path.sep}${randomUUID()}.part`;

/** The same for a key on every run: what an unfinished file is the beginning of. */
export const notePath = (directory: string, key: string): string =>
  path.join(directory, `${hash('sha256', key)}.json`);

/** The notes that there are. */
export function notesIn(directory: string): Set<string> {
  const names = fs.readdirSync(directory).filter((name) => name.endsWith('.json'));
  return new Set(names.map((name) => path.join(directory, name)));
}

/**
 * Notes what a part is the beginning of, and, where it has holes, which `stretches` of it are there; in one step, so
 * that a kill leaves the note of before. Throws where the disk refuses.
 */
export function writeNote(
  note: string,
  part: string,
  beginning: Beginning,
  stretches: readonly Stretch[] | null,
): void {
  const { address, validator, totalBytes } = beginning;
  const there = stretches?.map(({ from, to }) => [from, to]);
  const text = JSON.stringify({ part: path.basename(part), address, validator, totalBytes, there });
  if (stretches === null) {
    fs.writeFileSync(note, text);
    return;
  }
  fs.writeFileSync(`${note}.new`, text);
  fs.renameSync(`${note}.new`, note);
}

interface Note {
  part: string;
  beginning: Beginning;
  /** Null where it has no holes. */
  stretches: Stretch[] | null;
}

/** Null where it is not there, or not what `writeNote` wrote. */
function readNote(file: string): Note | null {
  let note: unknown;
  try {
    // What is no file, a pipe for instance, might never give a byte.
    const stats = fs.lstatSync(file);
    if (!stats.isFile() || stats.size > maxNoteBytes) return null;
    note = JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
  if (typeof note !== 'object' || note === null) return null;
  const { part, address, validator, totalBytes, there } = note as Record<string, unknown>;
  if (typeof part !== 'string' || !/^[0-9a-f-]{36}\.part$/.test(part)) return null;
  if (typeof address !== 'string' || typeof validator !== 'string') return null;
  if (totalBytes !== null && !Number.isSafeInteger(totalBytes)) return null;
  const stretches = there === undefined ? null : stretchesOf(there);
  if (stretches === undefined) return null;
  return {
    stretches,
    part: path.join(path.dirname(file), part),
    beginning: { address, validator, totalBytes: totalBytes as number | null },
  };
}

/** Stretches from the first byte on, in order; undefined where they are anything else. */
function stretchesOf(there: unknown): Stretch[] | undefined {
  if (!Array.isArray(there) || there.length === 0) return undefined;
  const stretches: Stretch[] = [];
  let end = 0;
  for (const pair of there) {
    const [from, to] = Array.isArray(pair) ? (pair as unknown[]) : [];
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to)) return undefined;
    const stretch = { from: from as number, to: to as number };
    if (stretch.to <= stretch.from || (stretches.length === 0 ? stretch.from !== 0 : stretch.from < end)) {
      return undefined;
    }
    end = stretch.to;
    stretches.push(stretch);
  }
  return stretches;
}

export interface LeftPart {
  file: string;
  /** From the first on. */
  bytes: number;
  /** What is there behind them; null where the file ends with them. */
  ahead: Stretch[] | null;
  beginning: Beginning;
}

/** The part of a note, where it can be gone on with. */
function usablePart(noteFile: string): LeftPart | null {
  const note = readNote(noteFile);
  if (note === null) return null;
  const stats = fs.lstatSync(note.part, { throwIfNoEntry: false });
  if (stats === undefined) return null;
  // With a second name it is a finished file. After a power loss a file may have its length without its bytes.
  const isPart =
    stats.isFile() && stats.nlink === 1 && stats.mtimeMs > Date.now() - Math.min(keptMs, os.uptime() * 1000);
  const { part: file, beginning, stretches } = note;
  const [first, ...ahead] = stretches ?? [{ from: 0, to: stats.size }];
  const bytes = first!.to;
  if (!isPart || bytes === 0 || (ahead.at(-1)?.to ?? bytes) > stats.size) return null;
  return { file, bytes, ahead: stretches && ahead, beginning };
}

/** Takes what an earlier process left with this note, under a new name; null where it cannot be gone on with. */
export function takePart(noteFile: string): LeftPart | null {
  const file = newPart(path.dirname(noteFile));
  try {
    const left = usablePart(noteFile);
    if (left === null) return null;
    fs.renameSync(left.file, file);
    const { ahead, bytes, beginning } = left;
    writeNote(noteFile, file, beginning, ahead && [{ from: 0, to: bytes }, ...ahead]);
    return { ...left, file };
  } catch {
    // Not to be had: the file is fetched from its first byte.
    fs.rmSync(file, { force: true });
    return null;
  }
}

/**
 * Removes what earlier processes left, but for the parts that may still be gone on with and whose notes were written
 * before `keptUntilMs` (epoch milliseconds).
 */
export function clearParts(directory: string, keptUntilMs: number): void {
  const kept = new Set<string>();
  for (const note of notesIn(directory)) {
    const part = fs.lstatSync(note).mtimeMs < keptUntilMs ? usablePart(note) : null;
    if (part !== null) kept.add(note).add(part.file);
  }
  for (const name of fs.readdirSync(directory)) {
    const file = path.join(directory, name);
    if (!kept.has(file)) fs.rmSync(file, { recursive: true, force: true });
  }
}
