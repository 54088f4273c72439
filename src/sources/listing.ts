import { InterruptedError, UsageError } from '../core/errors.ts';
import type { Item } from '../core/item.ts';
import type { IndexRange, RunSpec } from '../core/run-spec.ts';
import { checkInputs } from './inputs.ts';
import type { SourceContext } from './source.ts';
import { sourceFor } from './sources.ts';

type OpenSource = (context: SourceContext) => AsyncIterable<Item>;

/**
 * All items of a run: `spec.sources` in their order, then those of `spec.input`, with one continuous `index` from 1,
 * of which `spec.range` lets through the positions that it names; nothing is read past the last of them.
 * With `spec.output` each is an item of its own: its position is a part of its key.
 * Throws a UsageError at once for what no source takes. The total is told when all sources have told theirs.
 * The same key may come twice, from two sources or two lines: to find out would take memory for each
 * item, so that is left to the plan, which remembers keys anyway.
 */
export function openListing(spec: RunSpec, context: SourceContext): AsyncIterable<Item> {
  const opened: OpenSource[] = spec.sources.map((text) => {
    const source = sourceFor(text);
    return (inner) => source.items(text, inner);
  });
  if (opened.length === 0 && spec.input.length === 0) {
    throw new UsageError('there is nothing to download: no source was given', {
      hint: 'give an address, imgur:ID, demo:, or a list with -i FILE',
    });
  }
  return allItems(opened, spec, context);
}

async function* allItems(opened: OpenSource[], spec: RunSpec, context: SourceContext): AsyncGenerator<Item> {
  // Better now than after an hour of downloading.
  const inputs = spec.input.length > 0 ? await checkInputs(context) : null;
  if (inputs !== null) opened.push((inner) => inputs.items(inner));
  const last = lastPosition(spec.range);
  const totals: number[] = [];
  const expectTotal = (items: number) => {
    totals.push(items);
    if (totals.length === opened.length) {
      context.expectTotal(
        countIn(
          spec.range,
          totals.reduce((sum, n) => sum + n, 0),
        ),
      );
    }
  };
  let index = 0;
  for (const open of opened) {
    for await (const item of open({ ...context, expectTotal })) {
      if (context.signal.aborted) throw new InterruptedError();
      index += 1;
      item.index = index;
      if (spec.output !== null) item.key = `${index - 1} ${item.key}`;
      if (isIn(spec.range, index)) yield item;
      if (index >= last) return;
    }
  }
}

const isIn = (range: IndexRange[], index: number) =>
  range.length === 0 || range.some(({ from, to }) => index >= from && index <= (to ?? Infinity));

const lastPosition = (range: IndexRange[]) =>
  range.length === 0 ? Infinity : Math.max(...range.map(({ to }) => to ?? Infinity));

/** How many of the positions 1 to `total` are in `range`, whose parts may overlap. */
function countIn(range: IndexRange[], total: number): number {
  if (range.length === 0) return total;
  let [count, counted] = [0, 0];
  for (const { from, to } of range.toSorted((a, b) => a.from - b.from)) {
    const [begin, end] = [Math.max(from, counted + 1), Math.min(to ?? total, total)];
    if (end >= begin) [count, counted] = [count + end - begin + 1, end];
  }
  return count;
}
