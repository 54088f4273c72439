import { pack, type Row } from './packing.ts';

/** Packs, in a process that is to be killed; says so when it is done. */
const { dir, rows, spec } = JSON.parse(process.argv[2]!) as { dir: string; rows: number; spec: object };

/** Some fail, some are the same as others, not all have all columns, and not every shard all types; the same on every run. */
export const rowAt = (index: number): Row => {
  const columns = { late: index > 250 ? index / 8 : null, ...(index % 150 === 0 ? { rare: index } : {}) };
  if (index % 11 === 0) return { columns, fails: true };
  if (index % 13 > 0) return { columns };
  return { columns, url: `https://same.example/${index}`, bytes: Buffer.alloc(700, 1) };
};

const all = Array.from({ length: rows }, (_, at) => rowAt(at + 1));
await pack(dir, all, { spec, together: 2, order: (some) => some.toReversed() });
process.stdout.write('done\n');
