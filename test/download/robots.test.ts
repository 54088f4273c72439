import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { robotsDirective } from '../../src/download/robots.ts';

const asks: [directive: string, lines: string[], where: string][] = [
  ['noai', ['noai'], 'alone'],
  ['noimageai', ['noimageai'], 'alone'],
  ['noindex', ['noindex'], 'alone'],
  ['noimageindex', ['noimageindex'], 'alone'],
  ['none', ['none'], 'alone'],
  ['noai', ['NoAI'], 'in capitals'],
  ['noindex', ['nofollow ,  noindex'], 'after another, with blanks'],
  ['noai', ['noai, noindex'], 'the first of two'],
  ['noimageai', ['nofollow', 'noarchive, noimageai'], 'in a later line'],
  ['noindex', ['googlebot: nofollow', 'otherbot: noai', 'noindex'], 'in the line for everybody'],
  ['noai', ['gallop: noai'], 'for us'],
  ['none', ['  Gallop :nofollow, none'], 'for us, in capitals and with blanks'],
  ['noindex', ['unavailable_after: 25 Jun 2010 15:00:00 PST, noindex'], 'after a directive with a colon'],
  ['noindex', ['Max-Snippet: 20, noindex'], 'after another one, in capitals'],
  ['noai', ['max-image-preview: large, noai'], 'after a third'],
  ['none', ['max-video-preview: -1, none'], 'after a fourth'],
  ['noai', ['noai, unavailable_after: 25 Jun 2010 15:00:00 PST'], 'before a directive with a colon'],
  [
    'noindex',
    ['unavailable_after: 25 Jun 2010 15:00:00 PST', 'noindex'],
    'after a line that asks for nothing',
  ],
];

const asksNot: [lines: string[], why: string][] = [
  [[], 'there is no header'],
  [[''], 'it is empty'],
  [['all'], 'all is allowed'],
  [['nofollow, noarchive, notranslate'], 'it speaks of other things'],
  [['noaides', 'nonet noindexed', 'xnoai'], 'a directive only begins or ends like one'],
  [['otherbot: noindex'], 'it is for another'],
  [['googlebot: nofollow, noindex', 'GPTBot:noai'], 'both lines are for others'],
  [['not-gallop: noai'], 'the name of another ends in ours'],
  [['unavailable_after: 25 Jun 2010 15:00:00 PST'], 'a page that was to be gone has been sent all the same'],
  [['gallop: nofollow'], 'ours asks for something else'],
];

describe('X-Robots-Tag asks to be left out', () => {
  for (const [directive, lines, where] of asks) {
    it(`by ${directive}, ${where}`, () => assert.equal(robotsDirective(lines), directive));
  }
});

describe('X-Robots-Tag does not ask to be left out where', () => {
  for (const [lines, why] of asksNot) {
    it(why, () => assert.equal(robotsDirective(lines), null));
  }
});
