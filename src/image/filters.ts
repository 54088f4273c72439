import type { Skip } from '../core/outcome.ts';
import type { FilterSpec } from '../core/stage.ts';

/** Of the bytes as they were received; pixels null where they are not known. */
export interface Filtered {
  mime: string;
  width: number | null;
  height: number | null;
}

/** Why a picture is left out; null for one that is taken. Filters of pixels let through what has none that are known. */
export function skipOf(
  { mime, width, height }: Filtered,
  spec: Omit<FilterSpec, 'ignoreRobots'>,
): Skip | null {
  const { minSize, maxAspect, maxPixels } = spec;
  if (spec.mime.length > 0 && !spec.mime.includes(mime)) {
    return { code: 'mime', message: `${mime}, not ${spec.mime.join(' or ')}` };
  }
  if (width === null || height === null) return null;
  const size = `${width} x ${height} pixels`;
  const [smaller, larger] = [Math.min(width, height), Math.max(width, height)];
  if (minSize !== null && smaller < minSize) {
    return { code: 'too-small', message: `${size}, less than ${minSize}` };
  }
  if (maxPixels !== null && width * height > maxPixels) {
    return { code: 'too-large', message: `${size}, more than ${maxPixels} in all` };
  }
  if (maxAspect !== null && larger / smaller > maxAspect) {
    return { code: 'too-long', message: `${size}, longer than ${maxAspect} to 1` };
  }
  return null;
}
