import { describeTerminal, type Terminal } from '../../src/cli/terminal.ts';

/** A terminal of so many columns that remembers what was written to it, and shows what would stand on it. */
export class FakeTerminal {
  isTTY = true;
  columns: number;
  written: string[] = [];

  constructor(columns: number) {
    this.columns = columns;
  }

  write(text: string): boolean {
    this.written.push(text);
    return true;
  }

  describe(environment: Record<string, string> = { LANG: 'C.UTF-8', NO_COLOR: '1' }): Terminal {
    return describeTerminal(this, environment, 'linux');
  }

  /** The rows after everything written, for a terminal that never changed its size. Knows what the screen sends. */
  rows(): string[] {
    const rows = [''];
    let [row, column] = [0, 0];
    for (const [token] of this.written.join('').matchAll(/\x1b\[(\d*)([A-Z])|[\s\S]/gu)) {
      const up = /^\x1b\[(\d+)A$/.exec(token);
      if (up) row -= Number(up[1]);
      else if (token === '\x1b[2K') {
        rows[row] = '';
      } else if (token === '\r') column = 0;
      else if (token === '\n') {
        row += 1;
        column = 0;
        rows[row] ??= '';
      } else {
        rows[row] =
          rows[row]!.slice(0, column).padEnd(column) + token + rows[row]!.slice(column + token.length);
        column += token.length;
      }
    }
    // Empty rows below look the same as none.
    while (rows.length > 1 && rows.at(-1) === '' && row < rows.length - 1) rows.pop();
    return rows;
  }
}
