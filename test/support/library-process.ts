import { download } from '../../src/index.ts';

/** Runs the library in a process of its own; each event is a line of JSON. Ends when nothing is left to do. */
const { sources, options, stopOn } = JSON.parse(process.argv[2]!);
const controller = new AbortController();
const run = download(sources, { ...options, signal: controller.signal });
try {
  for await (const event of run) {
    process.stdout.write(`${JSON.stringify(event)}\n`);
    if (event.event === stopOn) controller.abort();
  }
} catch (error) {
  const { name, code, message } = error as Error & { code: string };
  process.stdout.write(`${JSON.stringify({ event: 'error', name, code, message })}\n`);
}
