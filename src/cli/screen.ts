import { stripVTControlCharacters } from 'node:util';
import { displayWidth } from './display-width.ts';
import type { Terminal } from './terminal.ts';

/** Lines for a terminal of so many columns; none may be wider. */
export type Render = (columns: number) => string[];

const redrawEveryMs = 100;

/**
 * Lines for people on one terminal (stderr): what was printed scrolls up, and below it stand the lines
 * of what is under way, redrawn at most ten times a second. On a pipe only what was printed appears.
 */
export class Screen {
  readonly terminal: Terminal;
  readonly #now: () => number;
  #render: Render | null = null;
  /** Widths of the lines that stand there now. */
  #drawn: number[] = [];
  #pending = '';
  #drawnAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(terminal: Terminal, now: () => number = () => performance.now()) {
    this.terminal = terminal;
    this.#now = now;
  }

  /** A line, or several, that stay. */
  print(text: string): void {
    if (this.#render === null) {
      this.#write(`${text}\n`);
      return;
    }
    this.#pending += `${text}\n`;
    this.#soon();
  }

  /** From now on, `render` makes the lines of what is under way. Nothing happens on a pipe. */
  show(render: Render): void {
    if (!this.terminal.interactive) return;
    this.#render = render;
    this.#soon();
  }

  /** Takes the lines of what is under way away, and prints what waited. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#erasure() + this.#pending;
    this.#render = null;
    this.#drawn = [];
    this.#pending = '';
    this.#write(text);
  }

  #soon(): void {
    const wait = this.#drawnAt + redrawEveryMs - this.#now();
    if (wait <= 0) this.#draw();
    else this.#timer ??= setTimeout(() => this.#draw(), wait).unref();
  }

  #draw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#render === null) return;
    // The last column stays free: a character there makes some terminals begin a new line.
    const lines = this.#render(Math.max(1, this.terminal.columns() - 1));
    this.#write(this.#erasure() + this.#pending + lines.join('\n'));
    this.#pending = '';
    this.#drawn = lines.map((line) => displayWidth(stripVTControlCharacters(line)));
    this.#drawnAt = this.#now();
  }

  #erasure(): string {
    if (this.#drawn.length === 0) return '';
    // A window that became narrower has broken the lines that stood there.
    const columns = this.terminal.columns();
    const rows = this.#drawn.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    // Line by line: some terminals keep a copy of the screen each time that it is erased to its end.
    return `\r\x1b[2K${'\x1b[1A\x1b[2K'.repeat(rows - 1)}`;
  }

  #write(text: string): void {
    if (text !== '') this.terminal.stream.write(text);
  }
}
