import { failures, type Outcome } from '../index.ts';
import { safeText, shownUrl } from './safe-text.ts';
import type { Terminal } from './terminal.ts';

type Failure = Pick<Outcome, 'url' | 'path' | 'error'>;
type Code = keyof typeof failures;

const most = 20;

/** What failed, as one line: the address, and what was wrong with it. */
export function failureLine({ url, error }: Failure): string {
  const address = shownUrl(url);
  const message = safeText(error?.message ?? 'failed');
  return message.includes(address) ? message : `${address}: ${message}`;
}

/** Remembers the first failures of each reason and counts the rest, so that a million of them need no more memory. */
export class FailureList {
  readonly #byCode = new Map<Code, { count: number; first: Failure[] }>();

  add(outcome: Failure): void {
    const code = outcome.error?.code ?? 'internal';
    const group = this.#byCode.get(code) ?? { count: 0, first: [] };
    this.#byCode.set(code, group);
    group.count += 1;
    if (group.first.length < most) group.first.push(outcome);
  }

  /**
   * Lines grouped by reason, the most frequent first, each with what to do about it; twenty failures at most. A data set
   * (`isDataSet`) takes no other rows than its own.
   */
  lines(terminal: Pick<Terminal, 'style'>, failedFile: string | null, isDataSet = false): string[] {
    const groups = [...this.#byCode].sort(([, a], [, b]) => b.count - a.count);
    const shown = shareOut(groups.map(([, { first }]) => first.length));
    const lines = groups.flatMap(([code, { count, first }], index) => [
      `${terminal.style('red', `${count} failed`)}: ${code} - ${failures[code].hint}`,
      ...first.slice(0, shown[index]).map((failure) => `  ${failureLine(failure)}`),
      ...(count > shown[index]! ? [`  ... and ${count - shown[index]!} more`] : []),
    ]);
    const total = groups.reduce((sum, [, { count }]) => sum + count, 0);
    if (failedFile !== null && total > 0) {
      const again = isDataSet ? 'the same command asks for them again' : 'try them again with -i';
      lines.push(`the failed ones are listed in ${safeText(failedFile)}: ${again}`);
    } else if (total > most) {
      lines.push('for a list of all that failed, use --failed FILE');
    }
    return lines;
  }
}

/** Gives out the lines that there are one by one, so that no reason crowds out another. */
function shareOut(wanted: number[]): number[] {
  const given = wanted.map(() => 0);
  let left = most;
  while (left > 0 && given.some((count, index) => count < wanted[index]!)) {
    for (const [index, count] of given.entries()) {
      if (count < wanted[index]! && left > 0) {
        given[index] = count + 1;
        left -= 1;
      }
    }
  }
  return given;
}
