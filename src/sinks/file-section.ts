import type { Section } from './sink.ts';

/** What is written at once. */
const pieceBytes = 1024 * 1024;

/** The file that a section is in. */
export interface SectionFile {
  write(chunks: Buffer[], position: number): Promise<void>;
  /** So many bytes more are in the file. Throws where the disk refuses. */
  wrote(bytes: number): void;
}

/** A stretch of a file, written beside others. */
export class FileSection implements Section {
  readonly from: number;
  to: number;
  /** As far as it is in the file. */
  writtenTo: number;
  readonly #file: SectionFile;
  #chunks: Buffer[] = [];
  /** As far as it is in the file, or on its way there. */
  #begunTo: number;
  /** The write under way; pieces are written one after the other. */
  #writing: Promise<void> | undefined;

  /** Up to `to` it is there already. */
  constructor(from: number, to: number, file: SectionFile) {
    this.#file = file;
    this.from = from;
    this.to = this.writtenTo = this.#begunTo = to;
  }

  append(chunk: Buffer): Promise<void> | undefined {
    this.#chunks.push(chunk);
    this.to += chunk.length;
    if (this.to - this.#begunTo < pieceBytes) return undefined;
    // One piece may be on its way to the disk while the next one is read; then the reader waits.
    const before = this.#writing;
    this.#write();
    return before;
  }

  /** Everything is in the file afterwards. */
  async flush(): Promise<void> {
    if (this.#chunks.length > 0) this.#write();
    await this.#writing;
  }

  #write(): void {
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#begunTo = this.to;
    this.#writing = this.#writePiece(this.#writing, chunks, this.to);
    // Whoever waits for it sees the error; nobody may be waiting yet.
    this.#writing.catch(() => {});
  }

  async #writePiece(before: Promise<void> | undefined, chunks: Buffer[], end: number): Promise<void> {
    await before;
    const at = this.writtenTo;
    await this.#file.write(chunks, at);
    this.writtenTo = end;
    this.#file.wrote(end - at);
  }
}
