import { type Command, InvalidArgumentError } from 'commander';
import {
  formatSeconds,
  type RaceEvent,
  type RaceRunEvent,
  race,
  runOptions,
  type StrategyName,
} from '../../index.ts';
import type { CommandContext, Display, OnAction } from '../command-context.ts';
import type { GivenOptions } from '../configuration.ts';
import { addDisplayFlags, displayOf } from '../display-flags.ts';
import { examples } from '../help.ts';
import { noteLine } from '../note-line.ts';
import { addRunFlags } from '../option-flags.ts';
import type { RunReporter } from '../run-reporter.ts';
import { safeText } from '../safe-text.ts';

interface RaceFlags {
  strategies?: StrategyName[];
  runs?: number;
  report?: string;
}

export function addRace(program: Command, onAction: OnAction): void {
  const command = program
    .command('race')
    .description('every strategy on the same album: table, chart, explanation')
    .argument('[source...]', 'a URL, imgur:ID or demo:')
    .optionsGroup('The race:')
    .option('--strategies <names>', 'which, with commas between (default: all)', parseStrategies)
    .option('--runs <n>', 'runs of each, in turn (default: 1)', parseRuns)
    .option('--report <file>', 'write a page with charts and timelines, .html');
  const options = addRunFlags(command, { except: ['strategy', 'failedFile'] });
  addDisplayFlags(command, 'a line of JSON on stdout for all that happens, the race last');
  command.addHelpText('after', examples.race).action((sources: string[]) => {
    const display = displayOf(command);
    const flags = command.opts<RaceFlags>();
    onAction((context) => runRace(sources, options(sources, context), flags, display, context), display);
  });
}

/** `sync,async` as names, each checked by the option that a single one goes through. */
function parseStrategies(text: string): StrategyName[] {
  const strategy = runOptions.find(({ key }) => key === 'strategy')!;
  return [...new Set(text.split(',').map((name) => strategy.parse(name.trim()) as StrategyName))];
}

function parseRuns(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1 to 999.');
}

/** Runs the race and prints what came of it. Exit code 3 when a strategy failed items or wrote other bytes. */
async function runRace(
  sources: string[],
  options: GivenOptions,
  { strategies, runs = 1, report }: RaceFlags,
  display: Display,
  context: CommandContext,
): Promise<number> {
  const { output, screen, environment, signal } = context;
  const running = race(sources, {
    ...options,
    ...(strategies === undefined ? {} : { strategies }),
    ...(report === undefined ? {} : { reportFile: report }),
    runs,
    signal,
    environment,
  });
  running.summary.catch(() => {});
  let reporter: RunReporter | null = null;
  for await (const event of running) {
    if (display.json) await output.json(event);
    if (event.event === 'race') continue;
    if (!('run' in event)) {
      if (!display.quiet) screen.print(noteLine(event, screen.terminal));
      continue;
    }
    if (event.event === 'start' || reporter === null) {
      reporter = await newReporter(event, runs, display, context);
    }
    reporter.add(event);
    if (event.event === 'end' && !display.quiet) {
      const failed = event.failed > 0 ? `, ${event.failed} failed` : '';
      screen.print(`${labelOf(event, runs)}: ${formatSeconds(event.seconds)}${failed}`);
    }
  }
  const result = await running.summary;
  screen.clear();
  if (!display.json) {
    const { raceText } = await import('../race-text.ts');
    for (const line of raceText(result, output.terminal)) await output.line(line);
  }
  if (report !== undefined && !display.quiet) screen.print(`the report is in ${safeText(report)}`);
  return exitCodeOf(result);
}

function exitCodeOf({ results, identical }: RaceEvent): number {
  return identical && results.every(({ failed }) => failed === 0) ? 0 : 3;
}

function labelOf({ strategy, run }: RaceRunEvent, runs: number): string {
  return runs === 1 ? strategy : `${strategy} ${run} of ${runs}`;
}

async function newReporter(
  event: RaceRunEvent,
  runs: number,
  display: Display,
  context: CommandContext,
): Promise<RunReporter> {
  const { RunReporter } = await import('../run-reporter.ts');
  const { output, screen } = context;
  return new RunReporter(screen, {
    ...display,
    progress: !(display.json && output.terminal.interactive),
    failedFile: null,
    label: labelOf(event, runs),
  });
}
