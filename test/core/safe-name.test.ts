import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isPlainPath, safeSegment, stemBytes } from '../../src/core/safe-name.ts';
import { urlName } from '../../src/core/url-name.ts';
import { hostileText } from '../support/hostile-names.ts';

const runs = { numRuns: 40_000 };

describe('safeSegment', () => {
  const table: [hostile: string, safe: string][] = [
    ['', 'unnamed'],
    ['..', 'unnamed'],
    ['. . .', 'unnamed'],
    ['\u202e\u200b', 'unnamed'],
    ['../../etc/passwd', '_.._etc_passwd'],
    ['C:\\Windows', 'C_Windows'],
    ['.gallop', 'gallop'],
    ['a\0b', 'a_b'],
    ['photo\u202egpj.exe', 'photogpj.exe'],
    ['name. . ', 'name'],
    ['CON', 'CON_'],
    ['lpt1 .txt', 'lpt1_.txt'],
    ['com\u00b9.jpg', 'com\u00b9_.jpg'],
    ['\uff0e\uff0e\uff0fetc', '_etc'],
    ['a\u2100b', 'a_b'],
    ['e\u0301te\u0301', '\u00e9t\u00e9'],
    ['half \ud83d emoji', 'half _ emoji'],
    ['Sunset over the sea', 'Sunset over the sea'],
    ['桜の花', '桜の花'],
    ['abc123_', 'abc123_'],
  ];
  for (const [hostile, safe] of table) {
    it(`turns ${JSON.stringify(hostile)} into ${JSON.stringify(safe)}`, () => {
      assert.equal(safeSegment(hostile), safe);
    });
  }

  it('keeps to its bytes where a reserved name comes to light and gets longer', () => {
    assert.equal(safeSegment('\ncon..\u00e9a', 8), 'con_..\u00e9');
  });

  it('is one visible segment of any file system for any text, and the same when made safe again', () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 8, max: stemBytes }), (text, maxBytes) => {
        const safe = safeSegment(text, maxBytes);
        assert.notEqual(safe, '');
        assert.ok(Buffer.byteLength(safe) <= maxBytes, `${Buffer.byteLength(safe)} bytes`);
        assert.doesNotMatch(
          safe,
          /[/\\:*?"<>|\p{Control}\p{Format}\p{Surrogate}\p{Default_Ignorable_Code_Point}]/u,
        );
        assert.doesNotMatch(safe, /^[. ]|[. ]$/);
        assert.doesNotMatch(safe, /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)/i);
        assert.doesNotMatch(safe.normalize('NFKC'), /[/\\]|^\.+$/);
        assert.equal(safe, safe.normalize('NFC'));
        assert.equal(safeSegment(safe, maxBytes), safe);
      }),
      runs,
    );
  });

  it('cuts by bytes and between characters', () => {
    assert.equal(safeSegment('語'.repeat(124)), '語'.repeat(66));
    assert.equal(safeSegment(`${'a'.repeat(198)}👍🏽`), 'a'.repeat(198));
    assert.equal(safeSegment('🇩🇪'.repeat(30)), '🇩🇪'.repeat(25));
  });

  it('bounds its work: a letter under a million accents, a name of ten million characters', () => {
    assert.ok(Buffer.byteLength(safeSegment(`a${'\u0301'.repeat(1_000_000)}`)) <= stemBytes);
    assert.equal(safeSegment('x'.repeat(10_000_000)).length, stemBytes);
  });
});

describe('urlName', () => {
  const table: [url: string, name: string][] = [
    ['https://h/a/photo.jpg', 'photo'],
    ['https://h/a/photo.final.JPG?size=1#top', 'photo.final'],
    ['https://h/a%20b.png', 'a b'],
    ['https://h/%252e%252e%252f', '%2e%2e%2f'],
    ['https://h/100%.jpg', '100%'],
    ['https://h/', 'index'],
    ['https://h/gallery/', 'gallery'],
    ['https://h/.jpg', '.jpg'],
    ['https://h/2024.12.31', '2024.12.31'],
  ];
  for (const [url, name] of table) {
    it(`is '${name}' for ${url}`, () => assert.equal(urlName(new URL(url)), name));
  }
});

describe('isPlainPath', () => {
  const word = fc.oneof(
    hostileText,
    fc.stringMatching(/^[A-Za-z0-9._-]{0,12}$/),
    fc.constantFrom('con', 'NUL', 'com1', 'lpt9.jpg', 'aux.', 'console', '.', '..', 'a'.repeat(190)),
  );

  it('says yes to what is safe as it is, alone', () => {
    let plain = 0;
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 7 }), (words) => {
        const path = words.join('/');
        if (!isPlainPath(path)) return;
        plain += 1;
        for (const segment of path.split('/')) assert.equal(safeSegment(segment, stemBytes), segment);
        assert.ok(path.length <= 195);
      }),
      runs,
    );
    assert.ok(plain > 1000, String(plain));
  });
});
