import { UsageError } from '../core/errors.ts';
import { parseDuration, parseRate, parseSize } from '../core/units.ts';

export interface SizeClass {
  /** Of the pictures, 0 to 1. */
  share: number;
  bytes: number;
}

export type ChangeMoment = { afterRequests: number } | { afterMs: number };

/** What the origin's parameters are written as. Each throws a `UsageError` that says what would be right. */

const isNone = (text: string) => text === 'none' || text === 'off';

export const orNone =
  <T>(parse: (text: string) => T) =>
  (text: string): T | null =>
    isNone(text) ? null : parse(text);

export function sizeBetween(text: string, min: number, max: number): number {
  const value = parseSize(text);
  if (value < min || value > max) throw new UsageError(`'${text}' is not from ${min} to ${max} bytes`);
  return value;
}

export function duration(text: string): number {
  const value = parseDuration(text);
  if (value > 600_000) throw new UsageError(`'${text}' is longer than 10m`);
  return value;
}

/** `60ms`, `30ms-90ms`, `30-90ms`. */
export function durationRange(text: string): [number, number] {
  const [from = '', to = from, ...rest] = text.split('-');
  if (rest.length > 0) throw new UsageError(`'${text}' is not a range of durations: write 30-90ms`);
  const unit = /[a-z]+$/.exec(to)?.[0] ?? '';
  const range: [number, number] = [duration(/[a-z]$/.test(from) ? from : from + unit), duration(to)];
  if (range[0] > range[1]) throw new UsageError(`'${text}' ends before it begins: write 30-90ms`);
  return range;
}

export function byteRate(text: string): number {
  const value = parseRate(text);
  if (value > 1e12) throw new UsageError(`'${text}' is more than 1TB/s: write none`);
  return value;
}

/** `5%` or `0.05` to 0.05. */
export function share(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
  const value = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (!(value >= 0 && value <= 1)) throw new UsageError(`'${text}' is not a share: write 5% or 0.05`);
  return value;
}

/** `8` or `1.5`. */
export function factor(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= 1 && value <= 100)) throw new UsageError(`'${text}' is not a factor from 1 to 100`);
  return value;
}

/** `500` (requests) or `2s`. */
export function changeMoment(text: string): ChangeMoment {
  if (!/^\d+$/.test(text)) return { afterMs: duration(text) };
  if (Number(text) > 1e6) throw new UsageError(`'${text}' is more than 1000000 requests`);
  return { afterRequests: Number(text) };
}

/** `80%x20KB,19%x300KB,1%x10MB`. */
export function sizeMix(text: string): SizeClass[] {
  const mix = text.split(',').map((part): SizeClass => {
    const [, portion, size] = /^([^x]+)x(.+)$/.exec(part.trim()) ?? [];
    if (portion === undefined || size === undefined) {
      throw new UsageError(`'${part}' is not SHARExSIZE, as in 80%x20KB,20%x300KB`);
    }
    return { share: share(portion), bytes: sizeBetween(size, 2_000, 20_000_000) };
  });
  if (!addsUp(mix)) throw new UsageError(`the shares of '${text}' do not add up to 100%`);
  return mix;
}

export const addsUp = (mix: readonly SizeClass[]): boolean =>
  Math.abs(mix.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-6;
