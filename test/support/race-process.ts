import { race } from '../../src/index.ts';

/** A race in a process of its own. */
const { sources, options } = JSON.parse(process.argv[2]!);
await race(sources, options).summary;
