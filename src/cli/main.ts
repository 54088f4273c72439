import { version } from '../core/version.ts';

/**
 * The entry of the command. `--version` is answered at once; everything else loads what it needs first.
 */
const words = process.argv.slice(2);

if (words.length === 1 && /^(-V|--version)$/.test(words[0]!)) {
  process.stdout.write(`${version}\n`);
} else {
  const { keepCompiled } = await import('./compile-cache.ts');
  keepCompiled();
  const { runCommand } = await import('./run-command.ts');
  // Whatever might still be open must not keep a finished command alive.
  process.exit(await runCommand(words));
}
