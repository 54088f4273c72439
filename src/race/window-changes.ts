import type { WindowEvent } from '../core/events.ts';
import type { WindowStep } from './window-trace.ts';

const words: Record<WindowEvent['state'], string> = {
  growing: 'growing: more pays',
  flat: 'more brings no more',
  probing: 'trying another number',
  ceiling: 'as many as allowed',
  hosts: 'the host takes no more',
  computing: 'computing is the limit',
  memory: 'memory is short',
  names: 'name look-ups lag behind',
};

/** A moment at which `auto` went over to something else. */
export interface Change {
  seconds: number;
  /** What it does from now on, for people. */
  text: string;
  /** The same was said before. */
  isRepeated: boolean;
}

/** Where the state changes or threads come and go, in the order of time. */
export function changesOf(steps: readonly WindowStep[]): Change[] {
  const said = new Set<string>();
  return steps.flatMap((step, i) => {
    const before = steps[i - 1];
    const texts: string[] = [];
    if (step.state !== before?.state) texts.push(words[step.state]);
    if (step.threads !== (before?.threads ?? 0)) texts.push(threadsText(step.threads + 1));
    if (texts.length === 0) return [];
    const text = texts.join(', ');
    const isRepeated = said.has(text);
    said.add(text);
    return [{ seconds: step.seconds, text, isRepeated }];
  });
}

const threadsText = (threads: number): string => (threads === 1 ? '1 thread again' : `${threads} threads`);

export interface PlacedText {
  text: string;
  x: number;
  /** 0 is the lowest. */
  row: number;
  /** Ends at `x` instead of beginning there. */
  isLeft: boolean;
}

const rows = 2;
const gap = 6;
/** Of a letter at 12 pixels, in the widest font of the list. */
const letter = 6.6;

/**
 * Where the words of changes at `x` stand, between `from` and `to`: right of their moment or left of it, in one of two
 * rows, none over another nor over the way from another to its moment, below. What was said before gives way to what is
 * new; what finds no place is left out.
 */
export function placeTexts(
  changes: readonly (Pick<Change, 'text' | 'isRepeated'> & { x: number })[],
  from: number,
  to: number,
): PlacedText[] {
  const taken: { row: number; start: number; end: number }[] = [];
  const isFree = (row: number, start: number, end: number) =>
    taken.every((other) => other.row !== row || other.end + gap < start || other.start - gap > end);
  // From the right: what has to go up then has its way down left of what is there.
  const order = changes.toSorted((a, b) => Number(a.isRepeated) - Number(b.isRepeated) || b.x - a.x);
  return order.flatMap(({ text, x }) => {
    const width = text.length * letter;
    for (const isLeft of [false, true]) {
      const start = isLeft ? x - width : x;
      const end = start + width;
      if (start < from || end > to) continue;
      for (let row = 0; row < rows; row++) {
        const below = Array.from({ length: row }, (_, lower) => ({ row: lower, start: x, end: x }));
        const parts = [{ row, start, end }, ...below];
        if (!parts.every((part) => isFree(part.row, part.start, part.end))) continue;
        taken.push(...parts);
        return [{ text, x, row, isLeft }];
      }
    }
    return [];
  });
}
