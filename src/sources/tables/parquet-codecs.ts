import zlib from 'node:zlib';
import type { CompressionCodec, Compressors } from 'hyparquet';

/** Node's own where it has them; the others are loaded when a file needs them. */
export async function compressorsFor(codecs: ReadonlySet<CompressionCodec>): Promise<Compressors> {
  const others = ['LZ4', 'LZ4_RAW', 'SNAPPY'].some((codec) => codecs.has(codec as CompressionCodec))
    ? (await import('hyparquet-compressors')).compressors
    : {};
  return {
    ...others,
    GZIP: (bytes, length) => zlib.gunzipSync(bytes, { maxOutputLength: length }),
    ZSTD: (bytes, length) => zlib.zstdDecompressSync(bytes, { maxOutputLength: length }),
    BROTLI: (bytes, length) => zlib.brotliDecompressSync(bytes, { maxOutputLength: length }),
  };
}
