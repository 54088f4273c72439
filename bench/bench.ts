import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { markdownTable } from '../test/soak/table.ts';
import type { Section } from './case.ts';
import { cases } from './cases/cases.ts';
import { describeMachine } from './machine.ts';
import { findTools } from './tools.ts';
import { Workspace } from './workspace.ts';

/** `npm run bench`: see README.md beside it. The table goes to stdout, progress to stderr. */

const usage = `node bench/bench.ts [--only ${Object.keys(cases).join(',')}] [--runs N] [--quick]
  --contestants WORD,WORD  only those whose names hold one of the words
  --gallop DIR             another checkout, whose dist is measured
  --dir DIR                where all files go while it runs (default: /dev/shm where there is one)
`;
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(cases).join(',') },
    runs: { type: 'string', default: '5' },
    quick: { type: 'boolean', default: false },
    contestants: { type: 'string', default: '' },
    gallop: { type: 'string', default: resolve(import.meta.dirname, '..') },
    dir: { type: 'string' },
  },
});
const rounds = Number(values.runs);
const chosen = values.only.split(',');
if (!(Number.isSafeInteger(rounds) && rounds > 0) || !chosen.every((name) => Object.hasOwn(cases, name))) {
  process.stderr.write(usage);
  process.exit(2);
}
if (!existsSync(resolve(values.gallop, 'dist/index.js'))) {
  process.stderr.write(`there is no dist/ in ${values.gallop}: run npm run build\n`);
  process.exit(2);
}
// The workspace goes, with its processes, when this process ends: also so.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.once(signal, () => process.exit(code));
}

const print = (line: string) => process.stdout.write(`${line}\n`);
const say = (text: string) => process.stderr.write(`  ${text}\n`);
const words = values.contestants.split(',');
const tools = findTools();
const gallop = [process.execPath, resolve(values.gallop, 'bin/gallop.js')];
let failures = 0;

for (const line of describeMachine(gallop, tools)) print(line);
print(
  `- Settings: ${values.quick ? 'quick sizes, ' : ''}${rounds} runs unless said otherwise, interleaved, each round beginning with another contestant; whole processes; CPU: user and system time of the process and all below it`,
);
for (const name of chosen) {
  say(name);
  using workspace = new Workspace(values.dir);
  const { title, run } = cases[name]!(values.quick);
  print(`\n## ${title} (\`${name}\`)\n`);
  try {
    const wants = (contestant: string) => words.some((word) => contestant.includes(word));
    printSection(await run({ workspace, tools, gallop, rounds, wants, say }));
    if (!workspace.isInMemory) print(`\nThe files were in ${workspace.path}, which is not a tmpfs.`);
  } catch (error) {
    failures += 1;
    print(`**Failed**: ${error instanceof Error ? error.stack : error}`);
  }
}
process.exitCode = failures === 0 ? 0 : 1;

function printSection({ settings, rows, notes }: Section): void {
  for (const line of settings) print(`- ${line}`);
  if (rows.length > 0) print(`\n${markdownTable(rows)}`);
  if (notes.length > 0) print(`\n${notes.join('\n')}`);
}
