import sharp from 'sharp';
import { type FromThumbnailer, mostThumbnailPixels, type ThumbnailRequest } from './thumbnail-messages.ts';

/** The process that makes thumbnails, one at a time: what crashes here takes no more with it than one picture. */

// A picture is looked at once: there is nothing to keep and nothing to share.
sharp.cache(false);
sharp.concurrency(1);
// No other reader of the library gets to see the bytes.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Nsgif', 'Webp', 'Heif', 'Tiff'].map((name) => `VipsForeignLoad${name}`),
});

const tell = (message: FromThumbnailer): void => void process.send?.(message, () => {});

process.on('disconnect', () => process.exit());
// Ctrl-C reaches the whole group of processes; it is the parent that decides what becomes of it.
process.on('SIGINT', () => {});
process.on('message', async ({ bytes, side }: ThumbnailRequest) => {
  try {
    const webp = await sharp(bytes, {
      failOn: 'warning',
      limitInputPixels: mostThumbnailPixels,
      autoOrient: true,
    })
      .resize(side, side, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 60 })
      .toBuffer();
    tell({ webp });
  } catch {
    tell({ webp: null });
  }
});
tell('ready');
