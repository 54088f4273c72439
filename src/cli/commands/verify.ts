import type { Command } from 'commander';
import {
  formatBytes,
  formatSeconds,
  type RepairEndEvent,
  type RepairOptions,
  repair,
  settledOptions,
  type VerifiedEvent,
  type VerifyEndEvent,
  verify,
} from '../../index.ts';
import type { CommandContext, Display, OnAction } from '../command-context.ts';
import type { GivenOptions } from '../configuration.ts';
import { addDisplayFlags, displayOf } from '../display-flags.ts';
import { examples } from '../help.ts';
import { addOptionFlags } from '../option-flags.ts';
import { safeText } from '../safe-text.ts';
import type { Terminal } from '../terminal.ts';

export function addVerify(program: Command, onAction: OnAction): void {
  const command = program
    .command('verify')
    .description('hash what is stored again, against the journal; --repair fetches what is wrong')
    .argument('<dir>', 'where an earlier run put its files')
    .optionsGroup('What and where:')
    .option('--repair', 'fetch what is missing or changed, with the options below');
  const options = addOptionFlags(command, { except: settledOptions });
  addDisplayFlags(command, 'a line of JSON on stdout for every file, and for all that a repair does');
  command.addHelpText('after', examples.verify).action((dir: string) => {
    const display = displayOf(command);
    const isRepair = command.getOptionValue('repair') === true;
    onAction((context) => {
      if (!isRepair) return verifyDirectory(dir, display, context);
      return repairDirectory(dir, withoutSettled(options(context)), display, context);
    }, display);
  });
}

/** What is settled may come of the environment or of the configuration file, where it stands for other commands. */
function withoutSettled(options: GivenOptions): RepairOptions {
  const settled: readonly string[] = settledOptions;
  return Object.fromEntries(Object.entries(options).filter(([key]) => !settled.includes(key)));
}

function lineOf(event: VerifiedEvent, { style }: Terminal): string {
  const color = { good: 'green', missing: 'red', changed: 'red', foreign: 'dim' } as const;
  return `${style(color[event.state], event.state.padEnd(7))} ${safeText(event.path)}`;
}

function summaryOf({
  good,
  missing,
  changed,
  foreign,
  bytes,
  seconds,
}: Omit<VerifyEndEvent, 'event'>): string {
  const counts = [`${good} good`, `${missing} missing`, `${changed} changed`];
  if (foreign > 0) counts.push(`${foreign} not ours`);
  return `${counts.join(', ')}: ${formatBytes(bytes)} in ${formatSeconds(seconds)}`;
}

function repairSummaryOf(end: RepairEndEvent): string {
  const { repaired, renewed, failed, missing, changed } = end;
  const left = missing + changed - repaired - failed;
  const counts = [
    renewed > 0 ? `${repaired} repaired (${renewed} with other bytes than before)` : `${repaired} repaired`,
    ...(failed > 0 ? [`${failed} could not be`] : []),
    ...(left > 0 ? [`${left} not tried`] : []),
  ];
  return `${summaryOf(end)}; ${counts.join(', ')}`;
}

/** Tells of each file, and how many there were: what is wrong is the output. */
function fileTeller(
  { json, quiet, verbose }: Display,
  { output, screen }: CommandContext,
): (event: VerifiedEvent) => Promise<void> {
  let checked = 0;
  return async (event) => {
    checked += 1;
    if (!quiet && !(json && output.terminal.interactive)) screen.show(() => [`${checked} checked`]);
    const wrong = event.state === 'missing' || event.state === 'changed';
    if (json || !(wrong || verbose)) return;
    screen.clear();
    await output.line(lineOf(event, output.terminal));
  };
}

/** Compares what is stored in `dir` with its journal. */
async function verifyDirectory(dir: string, display: Display, context: CommandContext): Promise<number> {
  const { json, quiet } = display;
  const { output, screen, signal } = context;
  const tell = fileTeller(display, context);
  const running = verify(dir, { signal });
  running.summary.catch(() => {});
  for await (const event of running) {
    if (json) await output.json(event);
    if (event.event === 'verified') await tell(event);
  }
  screen.clear();
  const end = await running.summary;
  if (!quiet) screen.print(summaryOf(end));
  if (!quiet && end.missing + end.changed > 0) {
    screen.print(
      '  the same gallop command as before, or --repair, fetches what is missing or changed again',
    );
  }
  return end.exitCode;
}

/** The same, and fetches what is wrong. */
async function repairDirectory(
  dir: string,
  options: RepairOptions,
  display: Display,
  context: CommandContext,
): Promise<number> {
  const { json, quiet, verbose } = display;
  const { output, screen, environment, signal } = context;
  const tell = fileTeller(display, context);
  const { RunReporter } = await import('../run-reporter.ts');
  const reporter = new RunReporter(screen, {
    quiet,
    verbose,
    progress: !(json && output.terminal.interactive),
    failedFile: options.failedFile ?? null,
  });
  const running = repair(dir, { ...options, signal, environment });
  running.summary.catch(() => {});
  for await (const event of running) {
    if (json) await output.json(event);
    if (event.event === 'verified') await tell(event);
    else if (event.event === 'end' && !output.closed) reporter.finish(event);
    else if (event.event !== 'repair') reporter.add(event);
  }
  screen.clear();
  const end = await running.summary;
  if (!quiet) screen.print(repairSummaryOf(end));
  return end.exitCode;
}
