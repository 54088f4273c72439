import type { StageSpec } from '../core/stage.ts';
import { PicturePool } from './picture-pool.ts';

/** For one picture. */
const mostMs = 10_000;

/** Makes small pictures of pictures, one at a time. */
export class Thumbnailer {
  readonly #pool = new PicturePool({ processes: 1, mostMs });
  readonly #stage: StageSpec;

  /** `side`: pixels of the larger side of a thumbnail. */
  constructor(side: number) {
    this.#stage = {
      resize: side,
      resizeMode: 'keep_ratio_largest',
      onlyIfBigger: true,
      format: 'webp',
      quality: 60,
      stripMetadata: true,
      frames: 'first',
      phash: false,
      blurhash: false,
    };
  }

  /** A WebP; null where the picture cannot be decoded, or not in 10 s. */
  async make(bytes: Uint8Array): Promise<Uint8Array | null> {
    const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const picture = { size: whole.length, whole: () => whole };
    try {
      const answer = await this.#pool.carryOut(picture, { check: false, stage: this.#stage, svg: false });
      // One that is small, and a WebP, is its own thumbnail.
      return answer.state === 'whole' ? (answer.made!.file?.bytes ?? bytes) : null;
    } catch {
      // No process is to be had, or none can decode here: then there are no thumbnails.
      return null;
    }
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}
