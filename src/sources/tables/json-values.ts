import type { Json } from '../../core/item.ts';

/** Deeper than any column of a table that is meant, and far from what would overflow a stack. */
const deepest = 32;

/**
 * A value as JSON can carry it, or undefined where it is nested too deep. Whole numbers that a number cannot hold
 * become texts, dates ISO texts, bytes Base64, and what JSON has no word for (NaN) null.
 */
export function plainJson(value: unknown, depth = 0): Json | undefined {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed() ? value : value.toWellFormed();
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'boolean':
      return value;
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    case 'object':
      return value === null ? null : plainObject(value, depth);
    default:
      return null;
  }
}

function plainObject(value: object, depth: number): Json | undefined {
  if (depth >= deepest) return undefined;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const items = Array.from(value as ArrayLike<unknown>, (one) => plainJson(one, depth + 1));
    return items.includes(undefined) ? undefined : (items as Json[]);
  }
  const entries = Object.entries(value).map(([name, one]) => [
    name.toWellFormed(),
    plainJson(one, depth + 1),
  ]);
  if (entries.some(([, one]) => one === undefined)) return undefined;
  return Object.fromEntries(entries) as Json;
}

/** Characters of the longest number of 64 bits. */
const longestWide = 20;

/** `JSON.parse`, but that whole numbers which a number cannot hold are bigints, and the longest ones texts. */
export function parseWide(text: string): unknown {
  return /\d{16}/.test(text) ? JSON.parse(text, keepWide) : JSON.parse(text);
}

function keepWide(_: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? '';
  if (!/^-?\d+$/.test(source)) return value;
  return source.length > longestWide ? source : BigInt(source);
}
