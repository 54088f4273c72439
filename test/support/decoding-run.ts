import { readFileSync } from 'node:fs';
import { download } from '../../src/index.ts';
import { childrenWith } from './processes.ts';

/** A download in a process of its own; says what it came to, and which decoders it had. Ends when nothing is left to do. */
const [options, ...urls] = process.argv.slice(2);
const decoders = new Set<number>();
const look = setInterval(() => {
  for (const pid of childrenWith('/src/image/decoder.')) decoders.add(pid);
}, 5);
const { saved, failed } = await download(urls, JSON.parse(options!)).summary;
clearInterval(look);
const hasLibrary = readFileSync('/proc/self/maps', 'utf8').includes('libvips');
process.stdout.write(JSON.stringify({ saved, failed, decoders: [...decoders], hasLibrary }));
