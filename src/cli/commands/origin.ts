import { once } from 'node:events';
import { type Command, InvalidArgumentError } from 'commander';
import { origin } from '../../index.ts';
import type { CommandContext, Display, OnAction } from '../command-context.ts';
import { addDisplayFlags, displayOf } from '../display-flags.ts';
import { examples } from '../help.ts';

export function addOrigin(program: Command, onAction: OnAction): void {
  const command = program
    .command('origin')
    .description('the embedded origin, until Ctrl-C')
    .argument('[parameters]', "of the album and the network, as after 'demo:'", '')
    .option('--port <n>', 'where it listens (default: any free port)', parsePort);
  addDisplayFlags(command, 'its address as a line of JSON on stdout');
  command.addHelpText('after', examples.origin).action((parameters: string) => {
    const display = displayOf(command);
    const query = queryOf(parameters, command.getOptionValue('port') as string | undefined);
    onAction((context) => serveOrigin(query, display, context), display);
  });
}

function parsePort(text: string): string {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return text;
  throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
}

/** `?images=200&rtt=40ms`, with or without `demo:` or `?` before it, and the port if there is one. */
function queryOf(text: string, port: string | undefined): string {
  const parameters = text.replace(/^demo:/, '').replace(/^\?/, '');
  const all = [parameters, port === undefined ? '' : `port=${port}`].filter((part) => part !== '');
  return all.length === 0 ? '' : `?${all.join('&')}`;
}

/** Runs the embedded origin until it is stopped, which is its normal end. The first line of output is its address. */
async function serveOrigin(
  query: string,
  { json, quiet }: Display,
  { output, screen, signal }: CommandContext,
): Promise<number> {
  const { url, albumId, close } = await origin(query);
  try {
    if (json) await output.json({ event: 'origin', url, albumId });
    else await output.line(url);
    if (!quiet) {
      screen.print('an Imgur-like album, on this machine only; to download it:');
      screen.print(`  CLIENT_ID=anything gallop --imgur-api ${url} imgur:${albumId}`);
      screen.print('Ctrl-C stops it');
    }
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await close();
  }
  return 0;
}
