import fc from 'fast-check';

/** Text as an attacker would compose it: the dangerous characters many times over, and anything else. */
export const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({
    maxLength: 400,
    unit: fc.constantFrom(
      ...[
        '.',
        '..',
        '/',
        '\\',
        ':',
        ' ',
        '\0',
        '\n',
        '\u202e',
        '\u200b',
        '\u200d',
        '\ufe0f',
        '\u2024',
        '\uff0e',
      ],
      ...[
        '\uff0f',
        '\uff3c',
        '\u2026',
        '\u2100',
        '\ud83d',
        '\udc68',
        '👨‍👩‍👧',
        'é',
        'e\u0301',
        '\u0301',
        '語',
        '{',
        '}',
        '{ext}',
      ],
      ...[
        '~',
        'CON',
        'con',
        'lpt',
        '1',
        '¹',
        '.gallop',
        'a',
        'B',
        'ß',
        '*',
        '?',
        '"',
        '<',
        '|',
        '%2e%2e%2f',
        '\u{e0067}',
      ],
    ),
  }),
  fc
    .tuple(
      fc.constantFrom('con', 'PRN', 'aux', 'NUL', 'com1', 'LPT9', 'conin$', 'COM²'),
      fc.constantFrom('', '.txt', ' ', ' .x', '. '),
    )
    .map(([name, end]) => name + end),
);

/** Names that are one name somewhere: in another case or Unicode form, with dots and spaces at the end. */
export function likenesses(name: string): string[] {
  return [
    name,
    name.toUpperCase(),
    name.toLowerCase(),
    name.normalize('NFD'),
    name.normalize('NFKC'),
    `${name}. .`,
  ];
}

/** What a path is on the file systems that there are: byte by byte, and ignoring case, or the Unicode form, or both. */
export const fileSystems: Record<string, (path: string) => string> = {
  'ext4, by bytes': (path) => path,
  'NTFS, ignoring case': (path) => path.toUpperCase(),
  'HFS+, ignoring case and form': (path) => path.normalize('NFD').toLowerCase(),
  'APFS, folding case': (path) => path.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC'),
};
