import { type ErrorData, errorToData } from '../core/error-data.ts';
import { asGallopError } from '../core/errors.ts';
import type { OriginOptions } from './options.ts';
import { startOrigin } from './origin.ts';

/** What the child says to its parent, once. */
export type OriginMessage = { url: string; albumId: string; albumUrl: string } | { error: ErrorData };

// The parent's end, however it came, is this process's end.
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole group; the parent may still be finishing downloads from here.
process.on('SIGINT', () => {});

process.once('message', (options: Partial<OriginOptions>) => {
  startOrigin(options).then(
    ({ url, albumId, albumUrl }) => tell({ url, albumId, albumUrl }),
    (thrown: unknown) => tell({ error: errorToData(asGallopError(thrown)) }),
  );
});

function tell(message: OriginMessage): void {
  process.send?.(message);
}
