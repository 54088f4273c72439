import { UsageError } from './errors.ts';
import { quoted } from './printable-url.ts';

const durationUnits: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const sizeUnits: Record<string, number> = {
  '': 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  tb: 1e12,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/** `500ms`, `8s`, `2m`, `1.5h` to milliseconds. A number without a unit is refused: it could mean either. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim());
  if (text.trim() === '0') return 0;
  if (match === null) throw new UsageError(`${quoted(text)} is not a duration: write 500ms, 8s or 2m`);
  return Math.round(Number(match[1]) * durationUnits[match[2]!]!);
}

/** `256KiB`, `5MB`, `2GB`, `1000` to bytes. */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text.trim());
  const unit = match?.[2]?.toLowerCase() ?? '';
  if (match === null || !Object.hasOwn(sizeUnits, unit)) {
    throw new UsageError(`${quoted(text)} is not a size: write 256KiB, 5MB or 2GB`);
  }
  return Math.round(Number(match[1]) * sizeUnits[unit]!);
}

/** `1MB/s`, `500KB` to bytes a second. */
export function parseRate(text: string): number {
  const bytesPerSecond = parseSize(text.trim().replace(/\/s$/, ''));
  if (bytesPerSecond <= 0) throw new UsageError(`${quoted(text)} is not a rate: write 500KB/s or 2MB/s`);
  return bytesPerSecond;
}

/** 1234567 to `1.23 MB`; decimal units, three digits, no part of a byte. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value.toFixed(0) : formatDigits(value)} ${units[unit]}`;
}

/** 0.42 to `0.42 s`, 83 to `1:23`, 4000 to `1:06:40`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${formatDigits(seconds)} s`;
  const whole = Math.round(seconds);
  const pad = (n: number) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
}

/** Three digits that count: 0.0123, 1.23, 12.3, 123. */
function formatDigits(value: number): string {
  if (value >= 100) return value.toFixed(0);
  if (value >= 10) return value.toFixed(1);
  return value.toFixed(2);
}
