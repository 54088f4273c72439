import { formatBytes, formatSeconds } from '../core/units.ts';

/** 0.0042 to `4.2 ms`, 0.57 to `0.57 s`, 83 to `1:23 min`. */
export function duration(seconds: number): string {
  if (seconds >= 3600) return `${formatSeconds(seconds)} h`;
  if (seconds >= 59.95) return `${formatSeconds(seconds)} min`;
  if (seconds >= 0.0995) return formatSeconds(seconds);
  const ms = seconds * 1000;
  return `${ms >= 9.95 || ms === 0 ? ms.toFixed(0) : ms.toFixed(1)} ms`;
}

/** 0.034 to `3 %`; what is not nothing is never called 0 %, and what is not all never 100 %. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 1) return 'under 1 %';
  if (value < 100 && value > 99) return 'over 99 %';
  return `${Math.round(value)} %`;
}

/** A factor: 21.6 to `22`, 4.83 to `4.8`, 1.04 to `1.04`, 1 to `1`. */
export function factor(value: number): string {
  if (value === 1) return '1';
  if (value >= 19.95) return value.toFixed(0);
  return value >= 1.995 ? value.toFixed(1) : value.toFixed(2);
}

export const rate = (bytes: number, seconds: number): string =>
  seconds > 0 ? `${formatBytes(bytes / seconds)}/s` : 'no measurable rate';

/** A mean count: 28.64 to `29`, 1.92 to `1.9`. */
export const count = (value: number): string => (value >= 9.95 ? value.toFixed(0) : value.toFixed(1));

/** 12345 to `12,345`. */
export const whole = (value: number): string => value.toLocaleString('en-US');

/** `a`, `a and b`, `a, b and c`. */
export function list(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/** `1 picture`, `40 pictures`. */
export const things = (value: number, noun: string): string =>
  `${whole(value)} ${noun}${value === 1 ? '' : 's'}`;
