import type { Writable } from 'node:stream';
import { describeTerminal, type Terminal, type TextStream } from './terminal.ts';

/** Results, on stdout. Writing waits for a slow reader. */
export class Output {
  readonly terminal: Terminal;
  readonly #stream: Writable;
  /** The reader is gone, or the disk refused: whatever is written now is dropped. */
  closed = false;
  /** Why, where it was not simply the reader's wish to see no more. */
  failure: NodeJS.ErrnoException | null = null;

  /** `onClosed` is called once, when nothing can be written any more. */
  constructor(
    stream: Writable & TextStream,
    environment: Record<string, string | undefined>,
    onClosed: () => void,
  ) {
    this.#stream = stream;
    this.terminal = describeTerminal(stream, environment);
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (this.closed) return;
      this.closed = true;
      if (error.code !== 'EPIPE') this.failure = error;
      onClosed();
    });
  }

  async line(text: string): Promise<void> {
    if (this.closed) return;
    if (!this.#stream.write(`${text}\n`)) await this.flush();
  }

  async json(value: unknown): Promise<void> {
    await this.line(JSON.stringify(value));
  }

  /** Resolves when everything written has left this process, or never will. */
  async flush(): Promise<void> {
    if (this.closed) return;
    await new Promise<void>((resolve) => this.#stream.write('', () => resolve()));
  }
}
