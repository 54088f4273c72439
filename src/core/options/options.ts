import type { RunSpec } from '../run-spec.ts';
import { concurrencyOptions } from './concurrency-options.ts';
import { dataSetOptions } from './data-set-options.ts';
import { pictureOptions, selectionOptions } from './picture-options.ts';
import { acceptanceOptions, requestOptions, waitingOptions } from './request-options.ts';
import type { RunOption } from './run-option.ts';
import { sourceOptions, tableOptions } from './source-options.ts';

/** Options that stand together in the help. */
export interface OptionGroup {
  title: string;
  options: readonly RunOption[];
}

/** In the order of the help. */
export const optionGroups: readonly OptionGroup[] = Object.freeze([
  { title: 'What and where', options: sourceOptions },
  { title: 'Lists that are tables', options: tableOptions },
  { title: 'How many at once', options: concurrencyOptions },
  { title: 'Waiting and trying again', options: waitingOptions },
  { title: 'What is accepted', options: acceptanceOptions },
  { title: 'Requests', options: requestOptions },
  { title: 'Pictures', options: pictureOptions },
  { title: 'Which pictures', options: selectionOptions },
  { title: 'Data sets', options: dataSetOptions },
]);

/** Every option of a run, in the same order. */
export const runOptions: readonly RunOption[] = Object.freeze(optionGroups.flatMap(({ options }) => options));

export const defaultRunSpec: Readonly<RunSpec> = Object.freeze({
  sources: [],
  ...Object.fromEntries(runOptions.map((option) => [option.key, option.default])),
} as unknown as RunSpec);
