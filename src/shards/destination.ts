import fs from 'node:fs';
import path from 'node:path';
import { DiskError, UsageError } from '../core/errors.ts';
import { asRefusal } from '../sinks/refusal.ts';
import { ShardFolder, type TellPacked } from './commit.ts';
import { DuplicateIndex } from './duplicate-index.ts';
import { type ShardLayout, shardsDirectory } from './layout.ts';
import { checkSettings, type PackSpec, type Settings, settingsOf } from './settings.ts';
import { readStats } from './stats.ts';
import { packedRows } from './table-reader.ts';

const settingsFile = 'settings.json';
const mostSettingsBytes = 16 * 1024 * 1024;

/**
 * Makes the directory of shards fit to go on with: throws a `UsageError` where there are shards in it that were made with other
 * options, or by another program; moves what was ready into its place, and removes what was not. Whoever calls it holds the directory.
 */
export async function prepareShards(spec: PackSpec, layout: ShardLayout, tell: TellPacked): Promise<void> {
  const { dir } = spec;
  const own = path.join(dir, shardsDirectory);
  const settings = settingsOf(spec);
  const made = readSettings(path.join(own, settingsFile));
  if (made !== null) checkSettings(made, settings, dir);
  checkShards(dir, settings, made !== null);
  try {
    fs.mkdirSync(own, { recursive: true });
    // In one step, so that a kill leaves none or a whole one.
    fs.writeFileSync(path.join(own, `${settingsFile}.new`), JSON.stringify(settings));
    fs.renameSync(path.join(own, `${settingsFile}.new`), path.join(own, settingsFile));
    await goOn(spec, layout, tell);
  } catch (error) {
    throw asRefusal(error, own);
  }
}

async function goOn({ dir, fsync }: PackSpec, layout: ShardLayout, tell: TellPacked): Promise<void> {
  const own = path.join(dir, shardsDirectory);
  for (const name of fs.readdirSync(own).sort()) {
    const [, number, state] = /^(\d+)\.(making|ready|rows)$/.exec(name) ?? [];
    if (number === undefined) continue;
    if (state === 'ready') await new ShardFolder(dir, layout, Number(number), fsync).goOn(tell);
    else fs.rmSync(path.join(own, name), { recursive: true, force: true });
  }
}

function readSettings(file: string): Settings | null {
  const own = path.dirname(file);
  if (fs.lstatSync(own, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new DiskError(`${own} is a link: it has to be a directory`, { code: 'disk', hint: 'move it away' });
  }
  const found = fs.lstatSync(file, { throwIfNoEntry: false });
  if (found === undefined) return null;
  try {
    if (!found.isFile() || found.size > mostSettingsBytes) throw new Error('not a file of settings');
    return Object(JSON.parse(fs.readFileSync(file, 'utf8'))) as Settings;
  } catch (error) {
    throw new UsageError(`${file} is damaged: what the shards of this directory are made with is not known`, {
      code: 'other-shards',
      hint: 'move it away if every shard here is finished, else choose another directory with -d',
      cause: error,
    });
  }
}

/** What is not finished is ours where there are settings of ours; else nothing is known of it. */
function checkShards(dir: string, settings: Settings, areOurs: boolean): void {
  const finished = new Set<string>();
  const names = namesIn(dir);
  for (const name of names.filter((one) => /^\d{5,}_stats\.json$/.test(one))) {
    const stats = readStats(dir, name);
    if (stats === null) continue;
    checkSettings(stats.gallop.settings, settings, dir);
    for (const file of stats.gallop.files) finished.add(file.path);
  }
  const foreign = names.find((name) => /^\d{5,}\.(tar|parquet)$/.test(name) && !finished.has(name));
  if (areOurs || foreign === undefined) return;
  throw new UsageError(`${path.join(dir, foreign)} is there, and not of this program`, {
    code: 'other-shards',
    hint: 'choose another directory with -d, or move the shards in it away',
  });
}

const namesIn = (dir: string): string[] => (fs.existsSync(dir) ? fs.readdirSync(dir).sort() : []);

/** What the shards that are finished have, where duplicates are looked for. */
export async function openDuplicates(spec: PackSpec, layout: ShardLayout): Promise<DuplicateIndex | null> {
  const index = DuplicateIndex.for(spec.duplicates);
  if (index === null) return null;
  for (const name of namesIn(spec.dir)) {
    const number = /^(\d{5,})_stats\.json$/.exec(name)?.[1];
    if (number === undefined || readStats(spec.dir, name) === null) continue;
    const shard = Number(number);
    const table = path.join(spec.dir, layout.tableFile(shard));
    for await (const { values } of packedRows(table, { columns: ['key', 'status', 'sha256', 'phash'] })) {
      const place = layout.placeOfKey(shard, values.key);
      if (place === null || values.status !== 'success') continue;
      const { sha256, phash } = values as Record<string, string | null | undefined>;
      index.claim({ sha256: sha256 ?? null, phash }, layout.indexOf(shard, place));
    }
  }
  return index;
}
