import { markdownTable, type Row } from '../../test/soak/table.ts';
import type { Result } from './results.ts';

/** What is to be reached, by the size of the run: seconds of `auto` over those of the best fixed number. */
export interface Goals {
  coldMean: number;
  coldWorst: number;
  warmMean: number;
}

export const goalsOf = (size: number): Goals => {
  if (size >= 1000) return { coldMean: 1.05, coldWorst: 1.15, warmMean: 1.1 };
  const cold = size >= 200 ? 1.3 : 1.5;
  return { coldMean: cold, coldWorst: cold, warmMean: 1.1 };
};

const mostRefused = 0.02;

const geometricMean = (values: number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const ratio = (seconds: number, { best }: Result): number | string =>
  best === null ? '' : (seconds / best.seconds).toFixed(2);

/** A network's row of the table. */
export function asRow(result: Result): Row {
  const { network, best, auto } = result;
  const row: Row = {
    network,
    'best fixed': best?.name ?? 'none',
    s: best?.seconds.toFixed(2) ?? '',
  };
  if (auto === undefined) return row;
  return {
    ...row,
    'auto, s': auto.coldSeconds.toFixed(2),
    cold: ratio(auto.coldSeconds, result),
    warm: ratio(auto.warmSeconds, result),
    refused: percent(auto.refusedShare),
    failed: auto.missing,
    peak: auto.peakInFlight,
    'origin CPU': percent(auto.originCpuShare),
  };
}

/** What all networks come to, against the goals. */
export function sums(results: Result[], size: number): string[] {
  const judged = results.flatMap(({ network, best, auto }) =>
    auto === undefined || best === null
      ? []
      : [{ network, cold: auto.coldSeconds / best.seconds, warm: auto.warmSeconds / best.seconds, auto }],
  );
  if (judged.length === 0) return [];
  const goals = goalsOf(size);
  const worst = (key: 'cold' | 'warm') => judged.reduce((a, b) => (b[key] > a[key] ? b : a));
  const mean = (key: 'cold' | 'warm') => geometricMean(judged.map((each) => each[key])).toFixed(3);
  const refused = judged.filter(({ auto }) => auto.refusedShare > mostRefused);
  return [
    `- cold: geometric mean ${mean('cold')} (goal ${goals.coldMean}), worst ${worst('cold').cold.toFixed(2)} on ${worst('cold').network} (goal ${goals.coldWorst})`,
    `- warm: geometric mean ${mean('warm')} (goal ${goals.warmMean}), worst ${worst('warm').warm.toFixed(2)} on ${worst('warm').network}`,
    `- refused above ${percent(mostRefused)}: ${refused.map(({ network }) => network).join(', ') || 'nowhere'}`,
    `- failed: ${judged.reduce((sum, { auto }) => sum + auto.missing, 0)}`,
  ];
}

/** A table in Markdown, and the sums below it. */
export function report(results: Result[], size: number): string {
  return `${[markdownTable(results.map(asRow)), '', ...sums(results, size)].join('\n')}\n`;
}
