import type { AsyncBuffer, RowGroup } from 'hyparquet';

/** Pages of less than nothing, or of more than there is, would be read for ever, or as much as memory has. */
const isCount = (value: unknown, most: number) =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most;

/**
 * Goes over the headers of a row group's pages in some columns, as they will be read, before they are: hyparquet
 * believes them. Throws where they cannot be right.
 */
export async function checkPages(
  file: AsyncBuffer,
  group: RowGroup,
  columns: readonly string[],
  mostBytes: number,
): Promise<void> {
  const { parquetHeader } = await import('hyparquet/src/column.js');
  for (const { meta_data: column } of group.columns) {
    if (column === undefined || !columns.includes(column.path_in_schema[0] ?? '')) continue;
    const bytes = await file.slice(...rangeOf(column));
    const reader = { view: new DataView(bytes), offset: 0 };
    let unpackedBytes = 0;
    while (reader.offset < bytes.byteLength - 1) {
      const header = parquetHeader(reader);
      const { num_values: values = 0 } =
        header.data_page_header ?? header.data_page_header_v2 ?? header.dictionary_page_header ?? {};
      unpackedBytes += header.uncompressed_page_size;
      const isRight =
        isCount(header.compressed_page_size, bytes.byteLength - reader.offset) &&
        isCount(unpackedBytes, mostBytes) &&
        isCount(values, Number(column.num_values));
      if (!isRight) throw new Error(`a page of '${column.path_in_schema.join('.')}' cannot be right`);
      reader.offset += header.compressed_page_size;
    }
  }
}

/** Where the pages of a column lie: its dictionary before its data. */
function rangeOf(
  column: NonNullable<RowGroup['columns'][number]['meta_data']>,
): [start: number, end: number] {
  const { dictionary_page_offset: dictionary, data_page_offset: data, total_compressed_size: size } = column;
  const start = Number(dictionary || data);
  return [start, start + Number(size)];
}
