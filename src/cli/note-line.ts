import type { NoteEvent } from '../index.ts';
import { safeText } from './safe-text.ts';
import type { Terminal } from './terminal.ts';

/** Something that a person should know, as one line. */
export function noteLine({ level, message }: Omit<NoteEvent, 'event'>, { style }: Pick<Terminal, 'style'>) {
  const text = safeText(message);
  return level === 'warning' ? `${style('yellow', 'warning')} ${text}` : text;
}
