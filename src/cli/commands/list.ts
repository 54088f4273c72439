import type { Command } from 'commander';
import { type ListedItem, list, printableUrl } from '../../index.ts';
import type { CommandContext, Display, OnAction } from '../command-context.ts';
import type { GivenOptions } from '../configuration.ts';
import { addDisplayFlags, displayOf } from '../display-flags.ts';
import { examples } from '../help.ts';
import { noteLine } from '../note-line.ts';
import { addRunFlags, type OptionKey } from '../option-flags.ts';
import { safeText } from '../safe-text.ts';

/** They change nothing in a list, which takes them so that a `get` can be turned into one by its first word. */
const withoutEffect: OptionKey[] = [
  'strategy',
  'concurrency',
  'workers',
  'perWorker',
  'segments',
  'limitBytesPerSecond',
  'check',
  'anyType',
  'maxBytes',
  'info',
  'failedFile',
  'fsync',
  'allowDowngrade',
];

export function addList(program: Command, onAction: OnAction): void {
  const command = program
    .command('list')
    .description('what would be downloaded, as JSON lines; nothing is fetched')
    .argument('[source...]', 'a URL, imgur:ID or demo:');
  const options = addRunFlags(command, { hidden: withoutEffect });
  addDisplayFlags(command, 'nothing new: its output is JSON anyway');
  command.addHelpText('after', examples.list).action((sources: string[]) => {
    const display = displayOf(command);
    onAction((context) => printItems(sources, options(sources, context), display, context), display);
  });
}

/** An item's headers, and its addresses, may hold secrets of whoever wrote the list. */
function withoutSecrets({ headers: _, ...item }: ListedItem): Omit<ListedItem, 'headers'> {
  const mirrors = item.mirrors?.map(printableUrl);
  return { ...item, url: printableUrl(item.url), ...(mirrors && { mirrors }) };
}

/** The items, with what people should know of their listing on the screen. */
function listed(
  sources: string[],
  options: GivenOptions,
  { quiet }: Display,
  { screen, environment, signal }: CommandContext,
): AsyncIterable<ListedItem> {
  return list(sources, {
    ...options,
    signal,
    environment,
    onNote: (level, message) => {
      if (!quiet) screen.print(noteLine({ level, message }, screen.terminal));
    },
  });
}

/** Every item of `sources` as a line of JSON. Nothing is fetched but the listing. */
async function printItems(
  sources: string[],
  options: GivenOptions,
  display: Display,
  context: CommandContext,
): Promise<number> {
  for await (const item of listed(sources, options, display, context)) {
    await context.output.json({ event: 'listed', ...withoutSecrets(item) });
  }
  return 0;
}

/** What `get` would do: a line for each item with its place and whether it is there already. */
export async function dryRun(
  sources: string[],
  options: GivenOptions,
  display: Display,
  context: CommandContext,
): Promise<number> {
  if (display.json) return printItems(sources, options, display, context);
  let [known, total] = [0, 0];
  for await (const item of listed(sources, options, display, context)) {
    total += 1;
    if (item.known) known += 1;
    await context.output.line(`${item.known ? 'known' : 'new  '} ${safeText(item.target)}`);
  }
  if (!display.quiet) {
    context.screen.print(`${total} items: ${total - known} new, ${known} known; nothing was fetched`);
  }
  return 0;
}
