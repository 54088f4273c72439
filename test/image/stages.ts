import type { StageSpec } from '../../src/core/stage.ts';

/** A stage that changes nothing. */
export const asIs: StageSpec = {
  resize: null,
  resizeMode: 'keep_ratio_largest',
  onlyIfBigger: false,
  format: 'keep',
  quality: null,
  stripMetadata: false,
  frames: 'all',
  phash: false,
  blurhash: false,
};
