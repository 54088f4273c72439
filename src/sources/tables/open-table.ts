import type { InputFile } from '../input-files.ts';
import { badFile } from '../input-stream.ts';
import type { SourceContext } from '../source.ts';
import type { Table } from './table.ts';

/** Null for a table of text in which there is nothing. Each format is loaded when it is used. */
export async function openTable(input: InputFile, context: SourceContext): Promise<Table | null> {
  try {
    switch (input.format) {
      case 'jsonl':
        return await (await import('./table-jsonl.ts')).openJsonl(input, context);
      case 'parquet':
        return await (await import('./table-parquet.ts')).openParquet(input, context);
      default: {
        const { openCsv } = await import('./table-csv.ts');
        return await openCsv(input, input.format === 'tsv' ? '\t' : ',', context);
      }
    }
  } catch (error) {
    throw badFile(error, input.name, 'at all');
  }
}
