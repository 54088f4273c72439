/** A piece of a drawing: SVG content and the height that it takes, in pixels. */
export interface Drawing {
  content: string;
  height: number;
}

/** Text as it may stand in markup and in attributes. Characters that XML does not know become U+FFFD. */
export function escapeText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Two decimals at most: the same bytes on every machine, and no finer than a pixel needs. */
export const num = (value: number): string => String(Math.round(value * 100) / 100);

type Attributes = Record<string, string | number | undefined>;

/** An element; values of attributes are escaped, `content` is markup already. */
export function element(name: string, attributes: Attributes, content = ''): string {
  const text = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? num(value) : escapeText(value!)}"`)
    .join('');
  return content === '' ? `<${name}${text}/>` : `<${name}${text}>${content}</${name}>`;
}

/** Text with its baseline at `y`. `classes` as in `drawing-style.ts`. */
export function label(x: number, y: number, classes: string, text: string): string {
  return element('text', { x, y, class: classes }, escapeText(text));
}

export function rect(x: number, y: number, width: number, height: number, classes: string): string {
  return element('rect', { x, y, width: Math.max(0, width), height, class: classes });
}

export function line(x1: number, y1: number, x2: number, y2: number, classes: string): string {
  return element('path', { d: `M${num(x1)} ${num(y1)}L${num(x2)} ${num(y2)}`, class: classes });
}

/** A rectangle as part of a path, so that thousands of them are one element. */
export function box(x: number, y: number, width: number, height: number): string {
  return `M${num(x)} ${num(y)}h${num(width)}v${num(height)}h${num(-width)}z`;
}

export const moved = (x: number, y: number, content: string): string =>
  element('g', { transform: `translate(${num(x)} ${num(y)})` }, content);

/** About `wanted` round numbers from 0 to at most `max`, at steps of 1, 2 or 5 times a power of ten. */
export function ticks(max: number, wanted: number): number[] {
  if (!(max > 0)) return [0];
  const power = 10 ** Math.floor(Math.log10(max / wanted));
  const misses = (step: number) => Math.abs(max / step - wanted);
  const step = [1, 2, 5, 10]
    .map((digit) => digit * power)
    .reduce((best, each) => (misses(each) < misses(best) ? each : best));
  const last = Math.floor(max / step + 1e-9);
  return Array.from({ length: last + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}

/** Ticks of a time axis up to `seconds`, round in the one unit that suits it: milliseconds, seconds, minutes or hours. */
export function timeTicks(seconds: number, wanted: number): { seconds: number; text: string }[] {
  const [unit, size] =
    seconds < 1 ? ['ms', 0.001] : seconds < 180 ? ['s', 1] : seconds < 10_800 ? ['min', 60] : ['h', 3600];
  return ticks(seconds / size, wanted).map((value) => ({ seconds: value * size, text: `${value} ${unit}` }));
}
