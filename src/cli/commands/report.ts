import type { Command } from 'commander';
import { formatBytes, report, type WrittenReport } from '../../index.ts';
import type { CommandContext, Display, OnAction } from '../command-context.ts';
import { addDisplayFlags, displayOf } from '../display-flags.ts';
import { examples } from '../help.ts';
import { safeText } from '../safe-text.ts';

export function addReport(program: Command, onAction: OnAction): void {
  const command = program
    .command('report')
    .description('a page about a directory, finished or not: counts, reasons, speed, thumbnails')
    .argument('<dir>', 'where a run puts its files')
    .optionsGroup('What and where:')
    .option('-o, --output <file>', 'the page (default: report.html in the directory)');
  addDisplayFlags(command, 'the counts as an object of JSON on stdout; a page only with -o');
  command.addHelpText('after', examples.report).action((dir: string) => {
    const display = displayOf(command);
    const file = command.getOptionValue('output') as string | undefined;
    onAction((context) => writeReport(dir, file, display, context), display);
  });
}

async function writeReport(
  dir: string,
  file: string | undefined,
  { json, quiet }: Display,
  { output, screen, signal }: CommandContext,
): Promise<number> {
  // The counts are the output then; a page that nobody asked for would be in the way.
  const place = file ?? (json ? null : undefined);
  const written = await report(dir, { signal, ...(place === undefined ? {} : { file: place }) });
  if (json) await output.json({ event: 'report', ...written });
  else await output.line(safeText(written.file!));
  if (!quiet) screen.print(summaryOf(written));
  return 0;
}

function summaryOf({
  items,
  saved,
  changed,
  failed,
  skipped,
  open,
  bytes,
  isRunning,
}: WrittenReport): string {
  const counts = [`${saved + changed} of ${items} saved`];
  if (failed > 0) counts.push(`${failed} failed`);
  if (skipped > 0) counts.push(`${skipped} left out`);
  if (open > 0) counts.push(`${open} ${isRunning ? 'still to come' : 'not finished'}`);
  return `${counts.join(', ')}: ${formatBytes(bytes)}${isRunning ? '; a run is under way' : ''}`;
}
