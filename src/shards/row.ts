import type { FailureCode } from '../core/failures.ts';
import type { Item, Json } from '../core/item.ts';
import { type Outcome, type SkipCode, skipCodes } from '../core/outcome.ts';
import { printableUrl } from '../core/printable-url.ts';
import { type StoredType, storedTypes } from './columns.ts';
import type { PackSpec } from './settings.ts';

/** The three words that readers of img2dataset's tables know. */
export type RowStatus = 'success' | 'failed_to_download' | 'failed_to_resize';

/** The columns of a row that are ours, in their order; `md5` or `sha1`, `phash` and `blurhash` where they are on. */
export const ownColumns = [
  'url',
  'key',
  'status',
  'error_message',
  'width',
  'height',
  'original_width',
  'original_height',
  'exif',
  'sha256',
  'mime',
  'bytes',
] as const;

/** One row of a shard: the table's own columns, then ours, in the order that all rows have. */
export type RowValues = { [name: string]: Json } & {
  url: string;
  key: string;
  status: RowStatus;
  error_message: string | null;
};

/** A row with what it takes to pack it. */
export interface ShardRow {
  /** Of the item. */
  itemKey: string;
  values: RowValues;
  /** The picture, relative to the destination, where there is one, and the digest that it was stored with. */
  file: string | null;
  fileSha256: string | null;
}

/** Failures that img2dataset has after the download, when it decodes. */
const undecodable: ReadonlySet<FailureCode> = new Set(['corrupt', 'too-many-pixels', 'not-an-image']);

/** The address of an item as its row has it: without secrets, and the same on every run. */
export const rowUrl = ({ url, lastingUrl }: Item): string => lastingUrl ?? printableUrl(url);

/** What a row says of its item, the same on every run. */
function lastingText(text: string | null, { url, lastingUrl }: Item): string | null {
  const host = lastingUrl === undefined ? undefined : URL.parse(url)?.host;
  return host === undefined || text === null ? text : text.replaceAll(host, lastingUrl!.replace(/:.*/, ''));
}

/** Why a row has no picture, first of all in one word: what `status_dict` counts. */
export function reasonOf(message: string | null): string {
  return message === null ? 'success' : (/^([a-z-]+): /.exec(message)?.[1] ?? message.slice(0, 100));
}

/** The skip that a row tells of; undefined for one with a picture, and for one whose download failed. */
export function skipOf({ error_message: message }: RowValues): SkipCode | undefined {
  const reason = reasonOf(message);
  return skipCodes.find((code) => code === reason);
}

export const duplicateMessage = (key: string): string => `duplicate: the same as ${key}`;

function verdict(outcome: Outcome): { status: RowStatus; message: string | null } {
  const { error, skip } = outcome;
  if (outcome.status === 'failed') {
    const status =
      error !== undefined && undecodable.has(error.code) ? 'failed_to_resize' : 'failed_to_download';
    return { status, message: `${error?.code ?? 'internal'}: ${error?.message ?? 'no reason was given'}` };
  }
  if (outcome.status !== 'skipped') return { status: 'success', message: null };
  if (skip === undefined) {
    return { status: 'failed_to_resize', message: 'duplicate: the same item came before in this run' };
  }
  // Asking to be left out is the server's answer, as one that refuses; the rest is found of the picture.
  const status = skip.code === 'robots' ? 'failed_to_download' : 'failed_to_resize';
  return { status, message: `${skip.code}: ${skip.message}` };
}

/** How the rows of a data set are made; what stands in them depends on the item and its picture alone, not on when or how it came. */
export class RowMaker {
  readonly #spec: PackSpec;
  readonly #reserved: Set<string>;
  /** The columns of the input in every table of the data set, in their order, under the names that `inputValues` gives them. */
  readonly inputColumns: ReadonlyMap<string, StoredType>;
  /** In the order of a row. */
  readonly #extra: readonly ('md5' | 'sha1' | 'phash' | 'blurhash')[];

  constructor(spec: PackSpec) {
    this.#spec = spec;
    const { hash } = spec;
    this.#extra = [
      ...(hash === 'sha256' ? [] : [hash]),
      // What duplicates are told by has to be there for a later run.
      ...(spec.phash || typeof spec.duplicates === 'number' ? (['phash'] as const) : []),
      ...(spec.blurhash ? (['blurhash'] as const) : []),
    ];
    this.#reserved = new Set([...ownColumns, ...this.#extra, imageColumn(spec), '__proto__']);
    this.inputColumns = this.#inputColumns(spec);
  }

  #inputColumns({ captionColumn, tableColumns }: PackSpec): ReadonlyMap<string, StoredType> {
    const columns = new Map<string, StoredType>();
    for (const { name, type } of tableColumns) {
      // A caption is made a text.
      if (name === captionColumn) columns.set('caption', 'text');
      else columns.set(this.#nameOf(name, captionColumn !== null), storedTypes[type]);
    }
    if (captionColumn !== null && columns.size > 0 && !columns.has('caption')) columns.set('caption', 'text');
    return columns;
  }

  /** The columns of every row beside those of its table. */
  get columns(): string[] {
    return [...ownColumns, ...this.#extra];
  }

  /**
   * The table's own columns of a row: the caption as `caption`, as img2dataset names it, and a name that is one of
   * ours with `input_` before it; so has one that is called so already, or two would have one name.
   */
  inputValues({ row }: Item): Record<string, Json> {
    const values: Record<string, Json> = {};
    if (row === undefined) return values;
    const { captionColumn } = this.#spec;
    const hasCaption = captionColumn !== null || row.caption !== undefined;
    for (const [name, value] of Object.entries(row.columns)) {
      if (name === captionColumn) values.caption = row.caption ?? null;
      else values[this.#nameOf(name, hasCaption)] = value;
    }
    if (hasCaption && !Object.hasOwn(values, 'caption')) values.caption = row.caption ?? null;
    return values;
  }

  #nameOf(name: string, hasCaption: boolean): string {
    // Readers of tables take `WIDTH` for `width`.
    const own = name.replace(/^(input_)+/i, '').toLowerCase();
    return this.#reserved.has(own) || (hasCaption && own === 'caption') ? `input_${name}` : name;
  }

  row(item: Item, outcome: Outcome, key: string): ShardRow {
    const { status, message } = verdict(outcome);
    const { picture } = outcome;
    const original = picture?.original;
    const isStored = status === 'success';
    const facts: Record<string, Json> = {
      md5: original?.md5 ?? null,
      sha1: original?.sha1 ?? null,
      phash: picture?.phash ?? null,
      blurhash: picture?.blurhash ?? null,
    };
    const values: RowValues = {
      ...this.inputValues(item),
      url: rowUrl(item),
      key,
      status,
      error_message: lastingText(message, item),
      width: isStored ? outcome.width : null,
      height: isStored ? outcome.height : null,
      original_width: original?.width ?? (isStored ? outcome.width : null),
      original_height: original?.height ?? (isStored ? outcome.height : null),
      exif: picture?.exif === undefined ? null : JSON.stringify(picture.exif),
      sha256: original?.sha256 ?? outcome.sha256,
      mime: isStored ? outcome.mime : (original?.mime ?? null),
      bytes: isStored ? outcome.bytes : null,
    };
    for (const name of this.#extra) values[name] = facts[name]!;
    const { path, sha256 } = outcome;
    return {
      itemKey: item.key,
      values,
      file: isStored ? path : null,
      fileSha256: isStored ? sha256 : null,
    };
  }
}

/** A row whose picture is not stored, for it is another's. */
export function asDuplicate({ itemKey, values }: ShardRow, key: string): ShardRow {
  const facts: RowValues = { ...values, width: null, height: null, bytes: null };
  facts.status = 'failed_to_resize';
  facts.error_message = duplicateMessage(key);
  return { itemKey, values: facts, file: null, fileSha256: null };
}

/** The column of the bytes where the output is Parquet: named for the format, as img2dataset does; `jpg` where pictures keep theirs. */
export function imageColumn({ format }: Pick<PackSpec, 'format'>): string {
  return format === 'keep' ? 'jpg' : format;
}

const jsonIndent = 4;

/** What lies next to the picture of a row, by what its name ends in: the row, and its caption where the data set has captions. */
export function rowTexts(
  values: RowValues,
  { captionColumn }: Pick<PackSpec, 'captionColumn'>,
): [suffix: string, text: string][] {
  const texts: [string, string][] = [['.json', JSON.stringify(values, null, jsonIndent)]];
  const { caption } = values;
  if (caption !== undefined && (captionColumn !== null || caption !== null)) {
    const text = caption === null ? '' : typeof caption === 'string' ? caption : JSON.stringify(caption);
    texts.push(['.txt', text]);
  }
  return texts;
}
