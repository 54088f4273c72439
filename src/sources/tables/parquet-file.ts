import { type FileHandle, open } from 'node:fs/promises';
import type { AsyncBuffer, FileMetaData } from 'hyparquet';

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

  /** What stands at its end: which columns there are, and where. */
  async metadata(): Promise<FileMetaData> {
    const { parquetMetadataAsync } = await import('hyparquet');
    return await parquetMetadataAsync(this, { geoparquet: false });
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
