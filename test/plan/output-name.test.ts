import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../src/core/errors.ts';
import type { Item } from '../../src/core/item.ts';
import { defaultRunSpec } from '../../src/core/options/options.ts';
import { finishTarget, suffixed } from '../../src/core/target.ts';
import { collisionKey, compileTemplate } from '../../src/plan/output-name.ts';
import { hostileText } from '../support/hostile-names.ts';

const item = (given: Partial<Item> = {}): Item => ({
  key: 'k',
  url: 'https://pics.example.com/a/b%20c/Photo.one.jpg?x=1',
  index: 7,
  reach: [],
  ...given,
});
const pictured = item({ name: 'AbCdE', title: 'At dawn', album: { id: 'xYz', title: 'The sea' } });
const finish = { ext: 'png', sha256: 'f'.repeat(64) };

describe('compileTemplate', () => {
  const table: [template: string, item: Item, target: string][] = [
    [defaultRunSpec.name, pictured, 'xYz/AbCdE.{ext}'],
    [defaultRunSpec.name, item(), 'pics.example.com/Photo.one.{ext}'],
    ['{album}/{id}', item(), 'pics.example.com/Photo.one.{ext}'],
    ['{album.title}/{index:03} {title}.{ext}', pictured, 'The sea/007 At dawn.{ext}'],
    ['{host}/{path}/{name}.{ext}', pictured, 'pics.example.com/a/b c/Photo.one.{ext}'],
    ['{index}', pictured, '7.{ext}'],
    ['{index:01}', item({ index: 12 }), '12.{ext}'],
    ['{sha256}.{ext}', pictured, '{sha256}.{ext}'],
    ['{ext}/{remote}', pictured, '{ext}/{remote}.{ext}'],
    ['flat.{id}.{ext}', pictured, 'flat.AbCdE.{ext}'],
    ['{title}', item({ title: '../../../etc/cron.d/x' }), '_.._.._etc_cron.d_x.{ext}'],
    ['{title}/{id}', item({ title: '.gallop', name: 'x' }), 'gallop/x.{ext}'],
    ['{title}', item({ title: 'con' }), 'con_.{ext}'],
    ['c{id}', item({ name: 'on' }), 'con_.{ext}'],
    ['{title}', item({ title: '{sha256}{ext}' }), '(sha256)(ext).{ext}'],
    ['{path}/{name}', item({ url: 'https://h/%2e%2e/%2e%2e%2f/..%5c/x.jpg' }), '_/_/x.{ext}'],
    ['{host}/{name}', item({ url: 'http://[::1]:80/x' }), '_1/x.{ext}'],
    ['{host}/{name}', item({ url: 'not a url', name: 'n' }), 'unnamed/n.{ext}'],
    ['a//b/{id}', pictured, 'a/b/AbCdE.{ext}'],
  ];
  for (const [template, from, target] of table) {
    it(`makes ${target} of ${template}`, () => assert.equal(compileTemplate(template)(from), target));
  }

  const refused = [
    '{albun}/{id}',
    '{',
    '{id}}',
    '{index:3}',
    '{constructor}',
    '/etc/{id}',
    '../{id}',
    'a/../{id}',
    './{id}',
  ];
  for (const template of [...refused, 'C:{id}', 'a\\{id}', 'a\0{id}', '{album}/', '']) {
    it(`refuses ${JSON.stringify(template)}`, () => {
      assert.throws(() => compileTemplate(template), UsageError);
    });
  }

  it('says which placeholders there are', () => {
    assert.throws(() => compileTemplate('{nane}'), /\{nane\}.*\{album\}.*\{index:03\}.*\{remote\}/);
  });

  it('keeps every name inside the destination, bounded, away from .gallop, and the same on every run', () => {
    const template = fc
      .array(
        fc.constantFrom(
          ...[
            '{album}',
            '{album.title}',
            '{id}',
            '{index:04}',
            '{title}',
            '{host}',
            '{path}',
            '{name}',
            '{sha256}',
          ],
          ...['{remote}', '{ext}', '/', '/', '-', ' ', 'con', '.gallop', 'gallop', 'x', '~'],
        ),
        { minLength: 1, maxLength: 12 },
      )
      .map((parts) => parts.join(''))
      .filter(
        (text) =>
          !/(\{(?:ext|sha256|remote)\})[^/]*\1/.test(text) &&
          !text.startsWith('/') &&
          !text.endsWith('/') &&
          !/(^|\/) *\.*(\/|$)/.test(text),
      );
    fc.assert(
      fc.property(
        template,
        fc.tuple(hostileText, hostileText, hostileText, hostileText),
        hostileText,
        (text, values, remote) => {
          const [id, title, albumTitle, path] = values;
          const from = item({
            name: id,
            title,
            album: { id, title: albumTitle },
            url: `https://h.example/${encodeURI(path.toWellFormed())}`,
          });
          const target = compileTemplate(text)(from);
          assert.equal(compileTemplate(text)(from), target);
          const final = suffixed(finishTarget(target, { ...finish, remote }), 'key');
          for (const segment of final.split('/')) {
            assert.doesNotMatch(segment, /^[. ]|[. ]$|^$|[\\:{}\p{Control}\p{Format}]/u);
            assert.doesNotMatch(segment, /^(con|nul|aux|prn)(\.|$)/i);
            assert.ok(Buffer.byteLength(segment) <= 245, `${Buffer.byteLength(segment)} bytes`);
          }
          assert.match(final, /~[0-9a-f]{8}\.png$/);
          assert.ok(Buffer.byteLength(final) <= 2_500, `${Buffer.byteLength(final)} bytes`);
        },
      ),
      { numRuns: 10_000 },
    );
  });

  it('bounds a path of a thousand directories', () => {
    const target = compileTemplate('{path}/{name}')(
      item({ url: `https://h/${'directory-'.repeat(20)}/`.repeat(1000) }),
    );
    assert.ok(Buffer.byteLength(target) < 1100);
  });
});

describe('finishTarget', () => {
  it('fills in what is known of the bytes', () => {
    assert.equal(finishTarget('a/{sha256}.{ext}', finish), `a/${'f'.repeat(64)}.png`);
  });

  it("takes the server's name as advice: one safe segment, with the extension of the bytes", () => {
    const name = (remote: string) => finishTarget('a/{remote}.{ext}', { ...finish, remote });
    assert.equal(name('cat.exe'), 'a/cat.exe.png');
    assert.equal(name('../../x'), 'a/_.._x.png');
    assert.equal(name('{ext}'), 'a/(ext).png');
    assert.equal(name('nul'), 'a/nul_.png');
    assert.equal(name('a$&b'), 'a/a$&b.png');
    assert.equal(name(''), 'a/unnamed.png');
    assert.ok(Buffer.byteLength(name('語'.repeat(300))) <= 2 + 240);
  });

  it('takes no extension that is none', () => {
    assert.equal(finishTarget('x.{ext}', { ...finish, ext: '../sh' }), 'x.bin');
  });
});

describe('names that would be one file', () => {
  it('are told apart by a suffix of the key, before the extension, open or finished', () => {
    const other = suffixed('a.b/x.{ext}', 'imgur:1');
    assert.match(other, /^a\.b\/x~[0-9a-f]{8}\.\{ext\}$/);
    assert.equal(finishTarget(other, finish), suffixed('a.b/x.png', 'imgur:1'));
    assert.equal(suffixed('a.b/x.{ext}', 'imgur:1'), other);
    assert.notEqual(suffixed('a.b/x.{ext}', 'imgur:2'), other);
  });

  it('are known by case, Unicode form, and letters that fold to others', () => {
    const pairs = ['AbC|aBc', 'é|e\u0301', 'É|e\u0301', 'Straße|STRASSE', 'ﬁn|FIN', 'σς|ΣΣ', 'K|\u212a'].map(
      (pair) => pair.split('|'),
    );
    for (const [one, two] of pairs) assert.equal(collisionKey(one!), collisionKey(two!), `${one} ${two}`);
    assert.notEqual(collisionKey('a'), collisionKey('b'));
  });
});
