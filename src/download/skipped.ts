import type { Skip } from '../core/outcome.ts';
import type { PictureFacts } from '../core/stage.ts';

/** An item is left out, for a reason that is no failure. */
export class SkippedError extends Error {
  readonly skip: Skip;
  /** What was found before, where something was. */
  readonly picture: PictureFacts | undefined;

  constructor(skip: Skip, picture?: PictureFacts) {
    super(skip.message);
    this.name = 'SkippedError';
    this.skip = skip;
    this.picture = picture;
  }
}
