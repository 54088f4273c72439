import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ImgurKind, isImgur, parseImgurLink } from '../../src/sources/imgur-url.ts';

const forms: [input: string, kind: ImgurKind, id: string, direct?: string][] = [
  ['imgur:AbCd123', 'any', 'AbCd123'],
  ['IMGUR:x_1', 'any', 'x_1'],
  ['https://imgur.com/a/AbCde', 'album', 'AbCde'],
  ['http://www.imgur.com/a/AbCde/', 'album', 'AbCde'],
  ['https://m.imgur.com/a/AbCde?grid#3', 'album', 'AbCde'],
  ['https://imgur.io/a/AbCde', 'album', 'AbCde'],
  ['https://IMGUR.com/a/a-long-walk-by-the-sea-AbCdeFg', 'album', 'AbCdeFg'],
  ['https://imgur.com/a/caf%C3%A9-AbCdeFg', 'album', 'AbCdeFg'],
  ['https://imgur.com/a/AbCde/layout/grid', 'album', 'AbCde'],
  ['https://imgur.com/album/AbCde', 'album', 'AbCde'],
  ['https://imgur.com/gallery/AbCdeFg', 'gallery', 'AbCdeFg'],
  ['https://imgur.com/gallery/some-words-AbCdeFg', 'gallery', 'AbCdeFg'],
  ['https://imgur.com/gallery/AbCdeFg/comment/12', 'gallery', 'AbCdeFg'],
  ['https://imgur.com/t/funny/AbCdeFg', 'gallery', 'AbCdeFg'],
  ['https://imgur.com/t/funny/words-AbCdeFg', 'gallery', 'AbCdeFg'],
  ['https://imgur.com/r/pics/AbCdeFg', 'gallery', 'AbCdeFg'],
  ['https://imgur.com/user/some.one', 'user', 'some.one'],
  ['https://imgur.com/user/NAME/posts', 'user', 'NAME'],
  ['https://imgur.com/AbCdeFg', 'image', 'AbCdeFg'],
  ['https://imgur.com/some-words-AbCdeFg', 'image', 'AbCdeFg'],
  ['https://i.imgur.com/AbCdeFg', 'image', 'AbCdeFg'],
  ['https://i.imgur.com/AbCdeFg.gifv', 'image', 'AbCdeFg'],
  ['https://i.imgur.com/AbCdeFg.jpg', 'image', 'AbCdeFg', 'https://i.imgur.com/AbCdeFg.jpg'],
  ['http://i.imgur.com/AbCdeFg.PNG?1#x', 'image', 'AbCdeFg', 'http://i.imgur.com/AbCdeFg.png'],
  ['https://imgur.com/AbCdeFg.mp4', 'image', 'AbCdeFg', 'https://i.imgur.com/AbCdeFg.mp4'],
  ['https://i.imgur.com/AbCdeFgh.jpg', 'image', 'AbCdeFg', 'https://i.imgur.com/AbCdeFg.jpg'],
  ['https://i.imgur.com/AbCdes.jpg', 'image', 'AbCde', 'https://i.imgur.com/AbCde.jpg'],
  ['https://i.imgur.com/AbCdel.gif', 'image', 'AbCde', 'https://i.imgur.com/AbCde.gif'],
  ['https://i.imgur.com/AbCdeFg_d.webp?maxwidth=520', 'image', 'AbCdeFg', 'https://i.imgur.com/AbCdeFg.webp'],
  ['https://i.imgur.com/AbCdeFs.jpg', 'image', 'AbCdeFs', 'https://i.imgur.com/AbCdeFs.jpg'],
  ['https://i.imgur.com/AbCdeFgx.jpg', 'image', 'AbCdeFgx', 'https://i.imgur.com/AbCdeFgx.jpg'],
  ['https://i.imgur.com/abcs.jpg', 'image', 'abcs', 'https://i.imgur.com/abcs.jpg'],
];

describe('an Imgur link', () => {
  for (const [input, kind, id, direct] of forms) {
    it(`${input} names the ${kind} ${id}`, () => {
      assert.deepEqual(parseImgurLink(input), { kind, id, ...(direct !== undefined && { direct }) });
    });
  }

  const nothing = [
    'imgur:',
    'imgur:a/b',
    'imgur:../x',
    'https://imgur.com/',
    'https://imgur.com/a/',
    'https://imgur.com/a/é',
  ];
  for (const input of [
    ...nothing,
    'https://imgur.com/t/funny',
    'https://imgur.com/user/',
    'https://imgur.com/user/x/favorites',
  ]) {
    it(`${input} is Imgur's, but names nothing`, () => {
      assert.equal(isImgur(input), true);
      assert.equal(parseImgurLink(input), null);
    });
  }

  for (const input of [
    'https://%69mgur.com/a/AbCde',
    'https://\uff49mgur.com/a/AbCde',
    'HTTPS://IMGUR.COM/a/AbCde',
  ]) {
    it(`${input} is Imgur's, however it is written`, () => {
      assert.equal(isImgur(input), true);
    });
  }

  const others = [
    'https://example.com/a/AbCde',
    'https://notimgur.com/a/x',
    'https://imgur.com.evil.example/a/x',
    'ftp://imgur.com/a/x',
  ];
  for (const input of [
    ...others,
    'https://imgur.com:8443/a/x',
    'imgur.com/a/x',
    'AbCde',
    'https://evil.example/#https://imgur.com/a/x',
  ]) {
    it(`${input} is not Imgur's`, () => {
      assert.equal(isImgur(input), false);
      assert.equal(parseImgurLink(input), null);
    });
  }
});
