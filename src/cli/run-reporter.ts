import { formatBytes, formatSeconds, type Outcome, type RunEvent, type Summary } from '../index.ts';
import type { Display } from './command-context.ts';
import { clip } from './display-width.ts';
import { FailureList, failureLine } from './failure-list.ts';
import { noteLine } from './note-line.ts';
import { progressLines, progressText } from './progress-lines.ts';
import { RunProgress } from './run-progress.ts';
import { safeText, shownUrl } from './safe-text.ts';
import type { Screen } from './screen.ts';
import { summaryLines } from './summary.ts';

const logEveryMs = 5_000;
/** Said one by one as they happen; a list of a million dead links must not fill a log. */
const mostFailureLines = 100;

interface ReporterOptions extends Pick<Display, 'quiet' | 'verbose'> {
  /** Progress may be drawn and logged. */
  progress: boolean;
  failedFile: string | null;
  /** Stands before the progress. */
  label?: string;
  now?: () => number;
}

function outcomeLine(outcome: Outcome): string {
  if (outcome.status === 'failed') return failureLine(outcome);
  const { path, url, bytes, attempts, startedMs, endedMs, skip } = outcome;
  if (outcome.status === 'skipped') {
    return `${shownUrl(url)}: ${safeText(skip?.message ?? 'came before in this run')}`;
  }
  const seconds = outcome.status === 'saved' ? `, ${formatSeconds((endedMs - startedMs) / 1000)}` : '';
  const tries = attempts > 1 ? `, ${attempts} tries` : '';
  return `${safeText(path ?? shownUrl(url))} (${formatBytes(bytes)}${seconds}${tries})`;
}

/** Tells people how a run goes, on the screen: lines that move on a terminal, few lines on a pipe. */
export class RunReporter {
  readonly #screen: Screen;
  readonly #options: ReporterOptions;
  readonly #now: () => number;
  readonly #progress: RunProgress;
  readonly #failures = new FailureList();
  /** By how much less was stored than was received of it. */
  #sparedBytes = 0;
  #unread = 0;
  #loggedAt: number;
  #failureLines = 0;

  constructor(screen: Screen, options: ReporterOptions) {
    this.#screen = screen;
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#progress = new RunProgress(this.#now);
    this.#loggedAt = this.#now();
  }

  /** Says what is waited for until the first item is there: a listing may take a while. */
  begin(): void {
    const { quiet, progress } = this.#options;
    if (progress && !quiet) this.#screen.show((columns) => [clip('reading the listing', columns, 'end', '')]);
  }

  add(event: RunEvent): void {
    this.#progress.add(event);
    if (event.event === 'outcome') this.#outcome(event);
    if (event.event === 'note' && !this.#options.quiet) {
      this.#screen.print(noteLine(event, this.#screen.terminal));
    }
    if (event.event === 'end') this.#screen.clear();
    else if (this.#options.progress && !this.#options.quiet) this.#show();
  }

  /** The last words: what the run came to, and every failure by its reason. */
  finish(summary: Summary): void {
    const { quiet, failedFile } = this.#options;
    this.#screen.clear();
    const files = { receivedBytes: summary.bytes + this.#sparedBytes, unread: this.#unread };
    if (!quiet) for (const line of summaryLines(summary, files)) this.#screen.print(line);
    const isDataSet = summary.dataSet !== null;
    for (const line of this.#failures.lines(this.#screen.terminal, failedFile, isDataSet))
      this.#screen.print(line);
    if (summary.exitCode === 130) this.#screen.print('interrupted: run the same command again to go on');
  }

  #outcome(outcome: Outcome): void {
    const { quiet, verbose } = this.#options;
    const failed = outcome.status === 'failed';
    if (failed) this.#failures.add(outcome);
    if (outcome.status === 'saved') {
      this.#sparedBytes += (outcome.picture?.original.bytes ?? outcome.bytes) - outcome.bytes;
      if (outcome.picture?.unread === true) this.#unread += 1;
    }
    if (quiet || !(failed || verbose)) return;
    if (failed) this.#failureLines += 1;
    if (!verbose && this.#failureLines > mostFailureLines) {
      if (this.#failureLines === mostFailureLines + 1)
        this.#screen.print('further failures are only counted');
      return;
    }
    const { style } = this.#screen.terminal;
    const status = outcome.status.padEnd(7);
    this.#screen.print(`${style(failed ? 'red' : 'green', status)} ${outcomeLine(outcome)}`);
  }

  #show(): void {
    const { terminal } = this.#screen;
    const label = this.#options.label ?? '';
    if (terminal.interactive) {
      this.#screen.show((columns) => progressLines(this.#progress.state, columns, terminal, label));
    } else if (this.#now() - this.#loggedAt >= logEveryMs) {
      this.#loggedAt = this.#now();
      this.#screen.print(
        [label, progressText(this.#progress.state)].filter((text) => text !== '').join(': '),
      );
    }
  }
}
