import { FileSection } from './file-section.ts';
import type { Stretch } from './sink.ts';
import { writeFully } from './write-fully.ts';

/** It is noted again which bytes are in the file when there are so many more. */
const noteEveryBytes = 4 * 1024 * 1024;

/** What the stretches of a file need of it. */
export interface StretchedFile {
  descriptor(): number;
  /** Notes which bytes are in the file: its beginning, and these. Throws where the disk refuses. */
  note(stretches: readonly Stretch[]): void;
  /** What is thrown for an error of the disk. */
  refusal(error: unknown): unknown;
}

/**
 * What is there of a file behind its beginning. Its length does not tell any more how much of it counts: that is noted
 * before the first byte is written here, and again as the file fills.
 */
export class FileStretches {
  readonly #file: StretchedFile;
  #sections: FileSection[];
  #bytesSinceNote = Number.POSITIVE_INFINITY;

  constructor(file: StretchedFile, left: readonly Stretch[]) {
    this.#file = file;
    this.#sections = left.map(({ from, to }) => this.#section(from, to));
  }

  /** In order. */
  get all(): readonly Stretch[] {
    return this.#sections;
  }

  add(from: number): FileSection {
    const section = this.#section(from, from);
    this.#sections = [...this.#sections, section].sort((a, b) => a.from - b.from);
    return section;
  }

  /** Everything is in the file afterwards. */
  async flush(): Promise<void> {
    for (const section of this.#sections) await section.flush();
  }

  /** How far the file is there without a hole, from a beginning of `size` bytes; what touches it is no stretch of its own any more. */
  absorb(size: number): number {
    let to = size;
    while (this.#sections.length > 0 && this.#sections[0]!.from <= to) {
      to = Math.max(to, this.#sections.shift()!.to);
    }
    return to;
  }

  forget(): void {
    this.#sections = [];
  }

  /** So many bytes more are in the file. */
  wrote(bytes: number): void {
    this.#bytesSinceNote += bytes;
    if (this.#bytesSinceNote > noteEveryBytes) this.note();
  }

  note(): void {
    const written = this.#sections.map(({ from, writtenTo }) => ({ from, to: writtenTo }));
    this.#file.note(written.filter(({ from, to }) => to > from));
    this.#bytesSinceNote = 0;
  }

  #section(from: number, to: number): FileSection {
    return new FileSection(from, to, {
      write: async (chunks, position) => {
        this.#noteAfter(0);
        try {
          await writeFully(this.#file.descriptor(), chunks, position);
        } catch (error) {
          throw this.#file.refusal(error);
        }
      },
      wrote: (bytes) => this.#noteAfter(bytes),
    });
  }

  #noteAfter(bytes: number): void {
    try {
      this.wrote(bytes);
    } catch (error) {
      throw this.#file.refusal(error);
    }
  }
}
