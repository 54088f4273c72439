/** As in the examples of its authors. */
const components = { across: 4, down: 3 };

/**
 * The BlurHash (https://github.com/woltapp/blurhash) of a square of RGBA pixels. It is JavaScript that computes for
 * milliseconds: whoever calls it computes it. It does not say how long the sides of the picture are to each other.
 */
export async function blurhashOf(rgba: Uint8Array): Promise<string> {
  const { encode } = await import('blurhash');
  const side = Math.sqrt(rgba.length / 4);
  const pixels = new Uint8ClampedArray(rgba.buffer, rgba.byteOffset, rgba.length);
  return encode(pixels, side, side, components.across, components.down);
}
