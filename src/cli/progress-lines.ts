import { formatBytes, formatSeconds } from '../index.ts';
import { progressBar } from './bar.ts';
import { clip, displayWidth } from './display-width.ts';
import type { ProgressState } from './run-progress.ts';
import { safeText } from './safe-text.ts';
import type { Terminal } from './terminal.ts';

/** A piece of a line; where there is no room, the one with the highest `rank` goes first. */
interface Piece {
  text: string;
  rank: number;
}

const gap = '  ';
const barColumns = { least: 6, most: 30 };

const width = (pieces: Piece[]) => displayWidth(pieces.map(({ text }) => text).join(gap));

function fit(pieces: Piece[], columns: number): Piece[] {
  let kept = pieces.filter(({ text }) => text !== '');
  while (kept.length > 0 && width(kept) > columns) {
    const worst = Math.max(...kept.map(({ rank }) => rank));
    kept = kept.filter(({ rank }) => rank !== worst);
  }
  return kept;
}

function countText({ done, total }: ProgressState): string {
  return total === null ? `${done} done` : `${done} of ${total}`;
}

/** No finer than whole seconds: it is a guess. */
function leftText(seconds: number | null): string {
  if (seconds === null) return '';
  return `${seconds < 60 ? `${Math.ceil(seconds)} s` : formatSeconds(seconds)} left`;
}

function amountPieces(state: ProgressState): Piece[] {
  return [
    { text: formatBytes(state.bytes), rank: 3 },
    { text: `${formatBytes(state.bytesPerSecond)}/s`, rank: 1 },
    { text: leftText(state.secondsLeft), rank: 2 },
    { text: state.total === null ? 'total not known yet' : '', rank: 4 },
  ];
}

function statePieces({ inFlight, computing, skipped, failed }: ProgressState): Piece[] {
  return [
    { text: `${inFlight} in flight`, rank: 1 },
    { text: computing > 0 ? `${computing} being computed` : '', rank: 2 },
    { text: skipped > 0 ? `${skipped} left out` : '', rank: 3 },
    { text: failed > 0 ? `${failed} failed` : '', rank: 0 },
  ];
}

/** Two lines of at most `columns`: how far it is, and what goes on. `label` stands before them. */
export function progressLines(
  state: ProgressState,
  columns: number,
  terminal: Pick<Terminal, 'unicode' | 'style'>,
  label = '',
): string[] {
  const before = [label, countText(state)].filter((text) => text !== '').map((text) => ({ text, rank: 0 }));
  const pieces = fit([...before, ...amountPieces(state)], columns);
  const room = columns - width(pieces) - gap.length;
  const texts = pieces.map(({ text }) => text);
  if (state.total !== null && state.total > 0 && room >= barColumns.least) {
    const share = state.done / state.total;
    texts.splice(before.length, 0, progressBar(share, Math.min(room, barColumns.most), terminal));
  }
  const first = texts.length > 0 ? texts.join(gap) : clip(`${state.done}`, columns, 'end', '');

  const second = fit(statePieces(state), columns);
  const left = columns - width(second) - gap.length;
  const latest =
    left < 8 ? '' : clip(safeText(state.latest ?? ''), left, 'start', terminal.unicode ? '…' : '...');
  return [
    first,
    [
      ...second.map(({ text }) => (text.endsWith(' failed') ? terminal.style('red', text) : text)),
      ...(latest === '' ? [] : [terminal.style('dim', latest)]),
    ].join(gap),
  ];
}

/** The same as one line for a log. */
export function progressText(state: ProgressState): string {
  return [countText(state), ...[...amountPieces(state), ...statePieces(state)].map(({ text }) => text)]
    .filter((text) => text !== '')
    .join(', ');
}
