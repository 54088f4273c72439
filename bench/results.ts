import { median, spread } from '../src/race/statistics.ts';
import type { Row } from '../test/soak/table.ts';
import type { Measured } from './measure.ts';

/** What one contestant did in all its runs. */
export interface Result {
  name: string;
  runs: Measured[];
  /** What was wrong, in any of them. */
  faults: Set<string>;
}

export interface TableShape {
  /** The name of the result that the others are held against; ratios are left out where it is not there. */
  reference: string;
  /** Adds a column: files a second, or the like. */
  perSecond?: { unit: string; amount: number };
  /** Further columns. */
  more?(result: Result): Row;
}

/** A row for each result that has runs, in the order given. */
export function tableRows(results: readonly Result[], { reference, perSecond, more }: TableShape): Row[] {
  const against = results.find(({ name, runs }) => name === reference && runs.length > 0);
  return results
    .filter(({ runs }) => runs.length > 0)
    .map((result) => {
      const { name, runs, faults } = result;
      const { min, max } = spread(secondsOf(result));
      const seconds = median(secondsOf(result));
      return {
        contestant: name,
        'median, s': digits(seconds),
        'min to max, s': `${digits(min)} to ${digits(max)}`,
        'x reference': against ? ratio(seconds, median(secondsOf(against))) : '',
        ...(perSecond ? { [`${perSecond.unit}/s`]: digits(perSecond.amount / seconds) } : {}),
        'CPU, s': digits(cpuOf(result)),
        'x its CPU': against ? ratio(cpuOf(result), cpuOf(against)) : '',
        ...more?.(result),
        runs: runs.length,
        note: [...(name === reference ? ['reference'] : []), ...faults].join('; '),
      };
    });
}

const secondsOf = ({ runs }: Result) => runs.map(({ seconds }) => seconds);
/** Not a number where a run was killed. */
const cpuOf = ({ runs }: Result) => median(runs.map(({ cpuSeconds }) => cpuSeconds));

/** Three digits that count; '' for what is not known. */
export const digits = (value: number): string =>
  Number.isNaN(value) ? '' : Number(value.toPrecision(3)).toString();

const ratio = (value: number, to: number) => digits(value / to);
