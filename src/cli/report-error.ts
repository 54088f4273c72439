import type { GallopError } from '../index.ts';
import { safeText } from './safe-text.ts';
import type { Screen } from './screen.ts';

function causes(error: Error): string[] {
  const lines: string[] = [];
  let { cause } = error;
  let links = 0;
  // A chain may be a circle.
  while (cause instanceof Error && links < 5) {
    if (cause.message !== error.message) lines.push(`  because: ${safeText(cause.message || cause.name)}`);
    cause = cause.cause;
    links += 1;
  }
  return lines;
}

/** Says what ended the run, and what to do about it. Never a stack trace. */
export function reportError(error: GallopError, screen: Screen, verbose: boolean): void {
  const { style } = screen.terminal;
  screen.clear();
  if (error.code === 'interrupted') {
    screen.print('gallop: interrupted; run the same command again to go on');
    return;
  }
  screen.print(`${style('red', 'gallop:')} ${safeText(error.message)}`);
  if (error.hint !== undefined) screen.print(`  ${safeText(error.hint)}`);
  if (verbose) for (const line of causes(error)) screen.print(line);
}
