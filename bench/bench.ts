import { resolve } from 'node:path';
import { markdownTable } from '../test/soak/table.ts';
import { type BenchArguments, benchArguments } from './arguments.ts';
import type { Section } from './case.ts';
import { cases } from './cases/cases.ts';
import { describeMachine } from './machine.ts';
import { findTools } from './tools.ts';
import { Workspace } from './workspace.ts';

/** `npm run bench`: see README.md beside it. The tables go to stdout, progress to stderr. */

const print = (line: string) => process.stdout.write(`${line}\n`);
const say = (text: string) => process.stderr.write(`  ${text}\n`);

async function bench({ only, rounds, isQuick, wants, gallop: checkout, directory }: BenchArguments) {
  const tools = findTools();
  const gallop = [process.execPath, resolve(checkout, 'bin/gallop.js')];
  for (const line of describeMachine(gallop, tools)) print(`- ${line}`);
  print(
    `- Settings: ${isQuick ? 'quick sizes, ' : ''}${rounds} ${rounds === 1 ? 'run' : 'runs'} unless said otherwise, interleaved, each round beginning with another contestant; whole processes; CPU: user and system time of a process and all below it`,
  );
  let failures = 0;
  for (const name of only) {
    say(name);
    using workspace = new Workspace(directory);
    const { title, run } = cases[name]!(isQuick);
    print(`\n## ${title} (\`${name}\`)\n`);
    try {
      printSection(await run({ workspace, tools, gallop, rounds, wants, say }));
    } catch (error) {
      failures += 1;
      print(`**Failed**: ${error instanceof Error ? error.stack : error}`);
    }
    if (!workspace.isInMemory) print(`\nThe files were in ${workspace.path}, which is not in memory.`);
  }
  process.exitCode = failures === 0 ? 0 : 1;
}

function printSection({ settings, rows, notes }: Section): void {
  for (const line of settings) print(`- ${line}`);
  if (rows.length > 0) print(`\n${markdownTable(rows)}`);
  if (notes.length > 0) print(`\n${notes.join('\n')}`);
}

// A workspace goes, with its processes, when this process ends: so it does with these.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.once(signal, () => process.exit(code));
}
let words: BenchArguments;
try {
  words = benchArguments(process.argv.slice(2), Object.keys(cases));
} catch (error) {
  process.stderr.write(`${(error as Error).message}`);
  process.exit(2);
}
await bench(words);
