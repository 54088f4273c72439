import type { Command } from 'commander';
import { formatBytes, formatSeconds, type VerifyEndEvent, type VerifyEvent, verify } from '../../index.ts';
import type { CommandContext, Display, OnAction } from '../command-context.ts';
import { addDisplayFlags, displayOf } from '../display-flags.ts';
import { examples } from '../help.ts';
import { safeText } from '../safe-text.ts';
import type { Terminal } from '../terminal.ts';

export function addVerify(program: Command, onAction: OnAction): void {
  const command = program
    .command('verify')
    .description('hash what is stored again, against the journal')
    .argument('<dir>', 'where an earlier run put its files');
  addDisplayFlags(command, 'a line of JSON on stdout for every file');
  command.addHelpText('after', examples.verify).action((dir: string) => {
    const display = displayOf(command);
    onAction((context) => verifyDirectory(dir, display, context), display);
  });
}

function lineOf(event: VerifyEvent & { event: 'verified' }, { style }: Terminal): string {
  const color = { good: 'green', missing: 'red', changed: 'red', foreign: 'dim' } as const;
  return `${style(color[event.state], event.state.padEnd(7))} ${safeText(event.path)}`;
}

function summaryOf({ good, missing, changed, foreign, bytes, seconds }: VerifyEndEvent): string {
  const counts = [`${good} good`, `${missing} missing`, `${changed} changed`];
  if (foreign > 0) counts.push(`${foreign} not ours`);
  return `${counts.join(', ')}: ${formatBytes(bytes)} in ${formatSeconds(seconds)}`;
}

/** Compares what is stored in `dir` with its journal; what is wrong is the output. */
async function verifyDirectory(
  dir: string,
  { json, quiet, verbose }: Display,
  { output, screen, signal }: CommandContext,
): Promise<number> {
  const running = verify(dir, { signal });
  running.summary.catch(() => {});
  let checked = 0;
  for await (const event of running) {
    if (json) await output.json(event);
    if (event.event !== 'verified') continue;
    checked += 1;
    if (!quiet && !(json && output.terminal.interactive)) screen.show(() => [`${checked} checked`]);
    const wrong = event.state === 'missing' || event.state === 'changed';
    if (json || !(wrong || verbose)) continue;
    screen.clear();
    await output.line(lineOf(event, output.terminal));
  }
  screen.clear();
  const end = await running.summary;
  if (!quiet) screen.print(summaryOf(end));
  if (!quiet && end.missing + end.changed > 0) {
    screen.print('  the same gallop command as before fetches what is missing or changed again');
  }
  return end.exitCode;
}
