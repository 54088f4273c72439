import { Command, CommanderError } from 'commander';
import { version } from '../index.ts';
import type { OnAction } from './command-context.ts';
import { addGet } from './commands/get.ts';
import { addList } from './commands/list.ts';
import { addOrigin } from './commands/origin.ts';
import { addRace } from './commands/race.ts';
import { addReport } from './commands/report.ts';
import { addVerify } from './commands/verify.ts';
import { examples, sourceHint } from './help.ts';
import type { Output } from './output.ts';
import { safeText } from './safe-text.ts';
import type { Screen } from './screen.ts';

/** The commands; what a parsed line asks for goes to `onAction`. Throws CommanderErrors when it parses. */
export function createProgram(screen: Screen, output: Output, onAction: OnAction): Command {
  const program = new Command('gallop')
    .description(
      'Downloads whole image albums and long lists of files, whole and checked, as fast as the link.',
    )
    .usage('<source...> [options]\n       gallop <command> [options]')
    .version(version, '-V, --version', 'the version')
    .helpOption('-h, --help', 'this help')
    .helpCommand('help [command]', 'all about a command')
    .addHelpText('after', examples.root)
    .exitOverride()
    .configureHelp({ minWidthToWrap: 20, subcommandTerm: (command) => command.name() })
    .configureOutput({
      outputError: (text) => screen.print(errorText(text)),
      getOutHelpWidth: () => output.terminal.columns(),
      getErrHelpWidth: () => screen.terminal.columns(),
    });
  for (const add of [addGet, addRace, addList, addVerify, addReport, addOrigin]) add(program, onAction);
  return program;
}

/** Commander's message as one of ours. The value in `--flag=value` may be a secret. */
function errorText(text: string): string {
  const [first = '', ...rest] = text
    .trim()
    .split('\n')
    .map((line) => safeText(line).replace(/(--[a-z-]+)=[^']*/g, '$1'));
  const hints = rest.map((line) => `  ${line.replace(/^\((.*)\)$/, '$1').replace(/^Did/, 'did')}`);
  if (/^error: unknown command/.test(first)) hints.push(`  ${sourceHint}`);
  return [`gallop: ${first.replace(/^error: /, '')}`, ...hints].join('\n');
}

/**
 * `gallop URL` is `gallop get URL`. A first word that looks like neither a source nor a flag is a command,
 * known or not, so that a misspelt one gets a suggestion.
 */
export function withCommand(words: string[]): string[] {
  const [first] = words;
  if (first === undefined || /^(?:[a-z][\w-]*|-h|--help|-V|--version)$/i.test(first)) return words;
  return ['get', ...words];
}

/** The exit code of an error that parsing threw, or null for one that is not commander's. */
export function parseExitCode(error: unknown): number | null {
  if (!(error instanceof CommanderError)) return null;
  return error.exitCode === 0 ? 0 : 2;
}
