import { asGallopError } from '../index.ts';
import type { Action, Display } from './command-context.ts';
import { type Environment, loadEnvironment } from './configuration.ts';
import { abortOnSignals } from './interrupt.ts';
import { Output } from './output.ts';
import { createProgram, parseExitCode, withCommand } from './program.ts';
import { reportError } from './report-error.ts';
import { safeText } from './safe-text.ts';
import { Screen } from './screen.ts';
import { describeTerminal } from './terminal.ts';

const exitCodes = { usage: 2, disk: 5, interrupted: 130 };

/** Does what the words of a command line ask for and returns the exit code. Nothing is thrown. */
export async function runCommand(words: string[]): Promise<number> {
  const environment = words.includes('--no-color') ? { ...process.env, NO_COLOR: '1' } : process.env;
  // A terminal that was closed must not end the run in the middle of a file.
  process.stderr.on('error', () => {});
  const screen = new Screen(describeTerminal(process.stderr, environment));
  const controller = new AbortController();
  const output = new Output(process.stdout, environment, () => controller.abort());
  // A fault of ours that nothing caught is one line, too.
  process.on('uncaughtException', (error) => {
    reportError(asGallopError(error), screen, false);
    process.exit(1);
  });

  const exitCode = await perform(words, { output, screen, environment, controller });
  await output.flush();
  screen.clear();
  if (output.failure === null) return exitCode;
  screen.print(`gallop: cannot write to stdout: ${safeText(output.failure.message)}`);
  return exitCodes.disk;
}

interface Streams {
  output: Output;
  screen: Screen;
  environment: Environment;
  controller: AbortController;
}

async function perform(
  words: string[],
  { output, screen, environment, controller }: Streams,
): Promise<number> {
  let display: Display = { json: false, quiet: false, verbose: false };
  try {
    const request = parse(words, screen, output);
    if (typeof request === 'number') return request;
    display = request.display;
    abortOnSignals(controller, screen);
    const directory = process.cwd();
    return await request.action({
      output,
      screen,
      environment: loadEnvironment(environment, directory),
      directory,
      signal: controller.signal,
    });
  } catch (thrown) {
    // Who closed stdout knows that the rest is missing.
    if (output.closed) return exitCodes.interrupted;
    const error = asGallopError(thrown);
    const { code, message, hint, exitCode } = error;
    if (display.json) await output.json({ event: 'error', code, message, hint, exitCode });
    reportError(error, screen, display.verbose);
    return exitCode;
  }
}

/** What the words ask for, or the exit code where that is already done (help) or cannot be understood. */
function parse(
  words: string[],
  screen: Screen,
  output: Output,
): { action: Action; display: Display } | number {
  const requests: { action: Action; display: Display }[] = [];
  const program = createProgram(screen, output, (action, display) => requests.push({ action, display }));
  if (words.length === 0) {
    program.outputHelp({ error: true });
    return exitCodes.usage;
  }
  try {
    program.parse(withCommand(words), { from: 'user' });
  } catch (error) {
    const exitCode = parseExitCode(error);
    if (exitCode === null) throw error;
    return exitCode;
  }
  return requests[0] ?? 0;
}
