import { readFileSync } from 'node:fs';
import { download } from '../../src/index.ts';
import { childrenWith } from './processes.ts';

/**
 * A download in a process of its own; says what it came to, which decoders it had, and what keeps it. Ends when nothing
 * is left to do.
 */
const [options, ...urls] = process.argv.slice(2);
const decoders = new Set<number>();
const look = setInterval(() => {
  for (const pid of childrenWith('/src/image/picture-worker.')) decoders.add(pid);
}, 5);
const { saved, failed } = await download(urls, JSON.parse(options!)).summary;
clearInterval(look);
const hasLibrary = readFileSync('/proc/self/maps', 'utf8').includes('libvips');
/** Processes and clocks that keep this one from ending. */
const keptBy = process.getActiveResourcesInfo().filter((name) => /^(ProcessWrap|Timeout)$/.test(name));
process.stdout.write(JSON.stringify({ saved, failed, decoders: [...decoders], hasLibrary, keptBy }));
