import { type FileHandle, open } from 'node:fs/promises';
import type { AsyncBuffer, FileMetaData } from 'hyparquet';

/** At the very end: how long what stands before it is, and `PAR1`. */
const lengthAndMagicBytes = 8;
/** It becomes objects of several times its size, in the run's own thread. Of each column of a group it has some hundred bytes. */
const mostFooterBytes = 64 * 1024 * 1024;

/** An open file as hyparquet reads it. */
export class ParquetFile implements AsyncBuffer {
  readonly byteLength: number;
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle, byteLength: number) {
    this.#handle = handle;
    this.byteLength = byteLength;
  }

  static async open(path: string): Promise<ParquetFile> {
    const handle = await open(path);
    return new ParquetFile(handle, (await handle.stat()).size);
  }

  /** Its bytes from `start` to before `end`, fewer where the file ends. */
  async slice(start: number, end = this.byteLength): Promise<ArrayBuffer> {
    const bytes = new Uint8Array(Math.max(0, Math.min(end, this.byteLength) - start));
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await this.#handle.read(bytes, filled, bytes.length - filled, start + filled);
      if (bytesRead === 0) throw new Error('it became shorter while it was read');
      filled += bytesRead;
    }
    return bytes.buffer;
  }

  /** What stands at its end: which columns there are, and where. Rejects where that is longer than any writer makes it. */
  async metadata(): Promise<FileMetaData> {
    const last = await this.slice(Math.max(0, this.byteLength - lengthAndMagicBytes));
    const bytes = last.byteLength < lengthAndMagicBytes ? 0 : new DataView(last).getUint32(0, true);
    if (bytes > mostFooterBytes)
      throw new Error(`what it says of its columns takes ${bytes} bytes, more than ${mostFooterBytes}`);
    const { parquetMetadataAsync } = await import('hyparquet');
    return await parquetMetadataAsync(this, { geoparquet: false });
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
