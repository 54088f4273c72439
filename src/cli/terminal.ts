import { styleText } from 'node:util';

/** The part of a stream for text that the command needs. */
export interface TextStream {
  write(text: string): boolean;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** What one stream can show. */
export interface Terminal {
  readonly stream: TextStream;
  /** The cursor can be moved: progress may be redrawn. */
  readonly interactive: boolean;
  /** Blocks, bars and marks beyond ASCII can be shown. */
  readonly unicode: boolean;
  /** As it is now; it changes when the window does. */
  columns(): number;
  /** Coloured where that is wanted, else as it is. */
  style(style: Style, text: string): string;
}

type Environment = Record<string, string | undefined>;

/** NO_COLOR (no-color.org) and FORCE_COLOR as Node reads them, the second being the stronger one. */
function wantsColor(stream: TextStream, environment: Environment): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: refused, TERM: term } = environment;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (refused !== undefined && refused !== '') return false;
  return stream.isTTY === true && term !== 'dumb';
}

/** The locale's character set as POSIX finds it; the Linux console has no glyphs for the blocks. */
function hasUnicode(environment: Environment, platform: NodeJS.Platform): boolean {
  if (platform === 'win32') return true;
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || '';
  return /utf-?8/i.test(locale) && environment.TERM !== 'linux';
}

export function describeTerminal(
  stream: TextStream,
  environment: Environment,
  platform: NodeJS.Platform = process.platform,
): Terminal {
  const color = wantsColor(stream, environment);
  return {
    stream,
    interactive: stream.isTTY === true && environment.TERM !== 'dumb',
    unicode: hasUnicode(environment, platform),
    columns: () => {
      const columns = stream.columns || Number(environment.COLUMNS);
      return Number.isInteger(columns) && columns > 0 ? columns : 80;
    },
    style: (style, text) => (color ? styleText(style, text, { validateStream: false }) : text),
  };
}
