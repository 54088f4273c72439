import fc from 'fast-check';

/**
 * Inputs that are nearly right: valid ones, damaged in a few places. They get deeper into a parser than
 * random ones, which it refuses at their first byte. An input shrinks to fewer and simpler damages.
 */

/** What parsers stumble over, of every kind. */
const tokens = [
  ...[
    '\0',
    '\ud800',
    '\udfff',
    '\ufeff',
    '\ufffd',
    '\u202e',
    '\u2028',
    '\u0085',
    '\r',
    '\n',
    '\r\n',
    '\t',
    ' ',
  ],
  ...[
    '\x1b[31m',
    '\x7f',
    'é',
    'e\u0301',
    '👨‍👩‍👧',
    '١',
    '\u0130',
    '\uff0e\uff0e\uff0f',
    '%',
    '%00',
    '%2e%2e%2f',
    '%ff',
  ],
  ...['..', '/', '//', '\\', ':', ';', ',', '=', '@', '#', '?', '&', '<', '>', '*', '-', '+', '.', '~', '|'],
  ...['"', "'", '`', '{', '}', '[', ']', '(', ')', '{}', '[]', '""', 'null', 'true', 'false'],
  ...['0', '-0', '-1', '1e999', '0x7f', 'NaN', 'Infinity', '9007199254740993', '99999999999999999999'],
  ...[
    '9'.repeat(400),
    '1e',
    '1.5',
    'constructor',
    '__proto__',
    'toString',
    'hasOwnProperty',
    'http://',
    'file:',
  ],
  ...['127.0.0.1', '[::1]', 'imgur:', 'a'.repeat(300)],
];

/** Places are shares of the length, so that they mean something whatever came before. */
const place = fc.nat({ max: 9999 });
const length = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 8 }) },
  fc.integer({ min: 1, max: 400 }),
);

/** A stretch is left out, or comes again and again. */
interface StretchDamage {
  kind: 'delete' | 'repeat';
  at: number;
  length: number;
  times: number;
}
const stretchDamage: fc.Arbitrary<StretchDamage> = fc.record({
  kind: fc.constantFrom('delete', 'repeat'),
  at: place,
  length,
  times: fc.integer({ min: 1, max: 60 }),
});

/** Everything from a place on is gone, or is the end of another seed. */
interface RestDamage {
  kind: 'cut' | 'splice';
  at: number;
  from: number;
  seed: number;
}
const restDamage: fc.Arbitrary<RestDamage> = fc.record({
  kind: fc.constantFrom('cut', 'splice'),
  at: place,
  from: place,
  seed: fc.nat({ max: 99 }),
});

type TextDamage = { kind: 'insert' | 'replace'; at: number; token: string } | StretchDamage | RestDamage;

const textDamage = (more: readonly string[]): fc.Arbitrary<TextDamage> => {
  const token = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...tokens, ...more) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
  );
  return fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('insert', 'replace'), at: place, token }) },
    { weight: 3, arbitrary: stretchDamage },
    { weight: 1, arbitrary: restDamage },
  );
};

/** No input is longer: what a limit of 64 Ki characters does with more has to be seen. */
const longestText = 80_000;

function damagedText(text: string, damage: TextDamage, seeds: readonly string[]): string {
  const at = Math.floor((damage.at * (text.length + 1)) / 10_000);
  switch (damage.kind) {
    case 'insert':
      return text.slice(0, at) + damage.token + text.slice(at);
    case 'replace': {
      // A whole number or word where there is one: rubbish in its place is more telling than beside it.
      const word = /^[\w.]+/.exec(text.slice(at))?.[0] ?? text.slice(at, at + 1);
      return text.slice(0, at) + damage.token + text.slice(at + word.length);
    }
    case 'delete':
      return text.slice(0, at) + text.slice(at + damage.length);
    case 'repeat':
      return text.slice(0, at) + text.slice(at, at + damage.length).repeat(damage.times) + text.slice(at);
    case 'cut':
      return text.slice(0, at);
    case 'splice': {
      const other = seeds[damage.seed % seeds.length]!;
      return text.slice(0, at) + other.slice(Math.floor((damage.from * other.length) / 10_000));
    }
  }
}

/** Texts near `seeds`; `more` are words that mean something to the parser. */
export function textsNear(seeds: readonly string[], more: readonly string[] = []): fc.Arbitrary<string> {
  return fc
    .tuple(fc.nat({ max: seeds.length - 1 }), fc.array(textDamage(more), { maxLength: 6, size: 'max' }))
    .map(([seed, damages]) =>
      damages.reduce((text, damage) => damagedText(text, damage, seeds), seeds[seed]!).slice(0, longestText),
    );
}

type ByteDamage =
  | { kind: 'flip' | 'set'; at: number; value: number }
  | { kind: 'number'; at: number; size: 2 | 4 | 8; value: bigint; little: boolean }
  | { kind: 'insert'; at: number; bytes: Uint8Array }
  | StretchDamage
  | RestDamage;

const number = fc.constantFrom(
  ...[0n, 1n, 2n, 7n, 8n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0xffffn, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn],
  ...[0x20_0000_0000_0001n, 0x1000_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn, 0xffff_ffff_ffff_ffffn],
);

const byteDamage: fc.Arbitrary<ByteDamage> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constantFrom('flip', 'set'), at: place, value: fc.nat({ max: 255 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('number' as const),
      at: place,
      size: fc.constantFrom(2 as const, 4 as const, 8 as const),
      value: number,
      little: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: stretchDamage },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('insert' as const),
      at: place,
      bytes: fc.uint8Array({ maxLength: 16 }),
    }),
  },
  { weight: 2, arbitrary: restDamage },
);

/** Headers come first: places near the start of a file are as likely as all the rest. */
const placeIn = (share: number, size: number): number =>
  share % 2 === 0
    ? Math.floor((share * Math.min(size, 200)) / 10_000)
    : Math.floor((share * (size + 1)) / 10_000);

function damagedBytes(bytes: Buffer, damage: ByteDamage, seeds: readonly Buffer[], mayMove: boolean): Buffer {
  const at = placeIn(damage.at, bytes.length);
  if (damage.kind === 'flip' || damage.kind === 'set') {
    const copy = Buffer.from(bytes);
    if (at < copy.length)
      copy[at] = damage.kind === 'flip' ? copy[at]! ^ (1 << (damage.value % 8)) : damage.value;
    return copy;
  }
  if (damage.kind === 'number') {
    const copy = Buffer.from(bytes);
    const written = Buffer.alloc(8);
    if (damage.little) written.writeBigUInt64LE(damage.value);
    else written.writeBigUInt64BE(BigInt.asUintN(64, damage.value << BigInt(64 - 8 * damage.size)));
    written.copy(copy, at, 0, damage.size);
    return copy;
  }
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  if (damage.kind === 'cut') return before;
  if (damage.kind === 'splice') {
    const other = seeds[damage.seed % seeds.length]!;
    return Buffer.concat([before, other.subarray(mayMove ? placeIn(damage.from, other.length) : at)]);
  }
  if (!mayMove) return bytes;
  if (damage.kind === 'insert') return Buffer.concat([before, damage.bytes, after]);
  if (damage.kind === 'delete') return Buffer.concat([before, after.subarray(damage.length)]);
  if (damage.kind !== 'repeat') return bytes;
  const piece = after.subarray(0, damage.length);
  return Buffer.concat([before, ...Array.from({ length: damage.times }, () => piece), after]);
}

const longestBytes = 256 * 1024;

/** Bytes near `seeds`. With `mayMove` false each byte stays where it was, as in a file of pages. */
export function bytesNear(seeds: readonly Buffer[], { mayMove = true } = {}): fc.Arbitrary<Buffer> {
  return fc
    .tuple(fc.nat({ max: seeds.length - 1 }), fc.array(byteDamage, { maxLength: 6, size: 'max' }))
    .map(([seed, damages]) =>
      damages
        .reduce((bytes, damage) => damagedBytes(bytes, damage, seeds, mayMove), seeds[seed]!)
        .subarray(0, longestBytes),
    );
}
