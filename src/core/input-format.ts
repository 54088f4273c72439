import type { RunSpec } from './run-spec.ts';

export type InputFormat = NonNullable<RunSpec['inputFormat']>;

const formats: Record<string, InputFormat> = {
  txt: 'list',
  lst: 'list',
  list: 'list',
  csv: 'csv',
  tsv: 'tsv',
  tab: 'tsv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  parquet: 'parquet',
};

/** Those that tell what a file is. */
export const knownEndings: readonly string[] = Object.keys(formats);

/** What the name of a file says of its format; undefined where it says nothing. */
export function formatOfName(name: string): InputFormat | undefined {
  const ending = /\.(\w+)(?:\.gz)?$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(formats, ending) ? formats[ending] : undefined;
}
