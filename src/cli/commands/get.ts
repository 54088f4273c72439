import type { Command } from 'commander';
import { download, idleOptions } from '../../index.ts';
import type { CommandContext, Display, OnAction } from '../command-context.ts';
import type { GivenOptions } from '../configuration.ts';
import { addDisplayFlags, displayOf, isOn } from '../display-flags.ts';
import { examples } from '../help.ts';
import { noteLine } from '../note-line.ts';
import { boundOldGeneration } from '../old-generation.ts';
import { addRunFlags, givenFlags } from '../option-flags.ts';
import { boundYoungGeneration } from '../young-generation.ts';
import { dryRun } from './list.ts';

export function addGet(program: Command, onAction: OnAction): void {
  const command = program
    .command('get')
    .description('download; the same as without a command')
    .argument('[source...]', 'a URL, imgur:ID or demo:');
  const options = addRunFlags(command);
  command
    .optionsGroup('What and where:')
    .option('--dry-run', 'say what would be done; fetch nothing but the listing');
  addDisplayFlags(command, 'a line of JSON on stdout for all that happens');
  command.addHelpText('after', examples.get).action((sources: string[]) => {
    const display = displayOf(command);
    const run = isOn(command, 'dryRun', 'GALLOP_DRY_RUN') ? dryRun : get;
    onAction((context) => {
      const given = options(sources, context);
      if (!display.quiet) tellIdle(idleOptions(givenFlags(command), given), context);
      return run(sources, given, display, context);
    }, display);
  });
}

/** What stands in the environment or in the configuration file is there for other runs, too: nothing is said of it. */
function tellIdle(messages: readonly string[], { screen }: CommandContext): void {
  for (const message of messages) screen.print(noteLine({ level: 'info', message }, screen.terminal));
}

/** Downloads `sources`; returns the exit code. With `json`, the run's events are the output. */
async function get(
  sources: string[],
  options: GivenOptions,
  { json, quiet, verbose }: Display,
  { output, screen, environment, signal }: CommandContext,
): Promise<number> {
  const { RunReporter } = await import('../run-reporter.ts');
  boundOldGeneration();
  // Threads that start with the run do their own growing.
  if (options.strategy !== 'threads') boundYoungGeneration();
  const reporter = new RunReporter(screen, {
    quiet,
    verbose,
    // Lines of JSON on the same terminal would tear the moving ones apart.
    progress: !(json && output.terminal.interactive),
    failedFile: options.failedFile ?? null,
  });
  reporter.begin();
  const running = download(sources, { ...options, signal, environment });
  // Awaited below; until then its rejection must not count as unhandled.
  running.summary.catch(() => {});
  for await (const event of running) {
    reporter.add(event);
    if (json) await output.json(event);
  }
  const summary = await running.summary;
  // Who closed stdout has seen enough.
  if (!output.closed) reporter.finish(summary);
  return summary.exitCode;
}
