import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { it } from 'node:test';
import { type ContactPicture, colourOf } from '../../src/report/contact-sheet.ts';
import type { DirectoryReport } from '../../src/report/directory-report.ts';
import { reportPage } from '../../src/report/report-page.ts';
import { shownAddress, shownMessage } from '../../src/report/shown-text.ts';
import { Tally } from '../../src/report/tally.ts';
import { checkMarkup } from '../support/markup.ts';
import { failed, reportOf, row, startMs } from './rows.ts';

const evil = '</title><script>alert(1)</script>"\'&\u0000\ud800';
const picture: ContactPicture = {
  path: 'a b/ü#?.jpg',
  isFile: true,
  width: 3,
  height: 2,
  blurhash: null,
  address: 'data:image/webp;base64,AAAA',
};
const pageOf = (report: DirectoryReport, pictures = [picture], base: string | null = './') =>
  reportPage(report, { name: 'pictures', pictures, base });

/** Some of everything. */
const mixed = () => {
  const tally = new Tally();
  for (let n = 0; n < 300; n += 1) tally.add(row(n));
  tally.add(failed(300));
  tally.add(
    row(301, { status: 'skipped', skip: { code: 'duplicate', message: 'as', duplicateOf: 'key 1' } }),
  );
  tally.add(row(302, { status: 'claimed' }));
  tally.addSet({ files: 2, bytes: 10, paths: ['a.jpg', 'b.jpg'] });
  return tally.report(new Date(startMs), true);
};

it('the page is well formed, says what there is, and asks nothing of the outside', () => {
  const page = pageOf(mixed());
  checkMarkup(page);
  for (const said of [
    '300 of 303 items saved so far',
    'A run is under way',
    'still to come',
    'it is gone: nothing to be done',
    'https://host/300.jpg',
    'How fast it went',
    'Duplicates',
  ]) {
    assert.ok(page.includes(said), said);
  }
  assert.doesNotMatch(page, /<script|<link|@import|url\(| style=|NaN|Infinity|undefined/i);
  const addresses = [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map((match) => match[1]);
  assert.deepEqual(addresses, ['./a%20b/%C3%BC%23%3F.jpg', 'data:image/webp;base64,AAAA']);
});

it('what was left out has the same colour wherever it is drawn, and what failed its own', () => {
  const page = pageOf(mixed());
  const section = (title: string) => page.split('<section>').find((part) => part.includes(`<h2>${title}`))!;
  const coloured = (title: string) =>
    ['failed', 'stage'].filter((it) => section(title).includes(`class="${it}"`));
  assert.deepEqual(coloured('How they ended'), ['failed', 'stage']);
  assert.deepEqual(coloured('Why items failed'), ['failed']);
  assert.deepEqual(coloured('Why items were left out'), ['stage']);
});

it('its policy allows its own style, pictures in it, and nothing else', () => {
  const page = pageOf(mixed(), [{ ...picture, blurhash: 'LEHV6nWB2yk8pyo0adR*.7kCMdnj' }]);
  const style = /<style>([\s\S]*?)<\/style>/.exec(page)![1]!;
  assert.match(style, /\.f0\{background:#[0-9a-f]{6}\}/);
  const digest = createHash('sha256').update(style).digest('base64');
  assert.ok(
    page.includes(`default-src &#39;none&#39;; img-src data:; style-src &#39;sha256-${digest}&#39;"`),
  );
});

it('markup in names, addresses, codes and messages stays text', () => {
  const tally = new Tally();
  tally.add(row(1, { url: `https://${evil}/`, mime: evil }));
  tally.add(failed(2, { url: evil, errorCode: evil, error: evil }));
  const skip = { code: evil as 'mime', message: evil, duplicateOf: evil };
  tally.add(row(3, { status: 'skipped', url: evil, skip }));
  tally.addSet({ files: 2, bytes: 1, paths: [evil, evil] });
  const blurhash = `00${evil}`;
  const page = reportPage(tally.report(new Date(startMs), false), {
    ...{ name: evil, base: './' },
    pictures: [
      { ...picture, path: evil, blurhash },
      { ...picture, path: evil, address: null },
    ],
  });
  checkMarkup(page);
  assert.doesNotMatch(page, /<script|\0|\ud800/);
  assert.match(page, /&#60;script&#62;alert/);
});

it('of addresses neither users nor queries are shown, in messages neither', () => {
  assert.equal(shownAddress('https://me:pw@host/a.jpg?token=1#x'), 'https://host/a.jpg?…');
  assert.equal(shownAddress('imgur:abc'), 'imgur:abc');
  assert.equal(
    shownMessage('redirected to https://me:pw@host/b?token=1 and http://host/c#secret: why?'),
    'redirected to https://host/b?… and http://host/c#… why?',
  );
  const page = pageOf(
    reportOf([failed(1, { url: 'https://host/a?secret', error: 'to https://host/b?secret' })]),
  );
  assert.doesNotMatch(page, /secret/);
  assert.ok(shownAddress(`https://host/${'x'.repeat(9999)}`).length < 300);
});

it('an empty journal, one item, all failed, and all of another time can be drawn', () => {
  const reports = [
    [],
    [row(1)],
    [failed(1), failed(2)],
    [row(1, { endedMs: null, width: null, mime: null })],
  ];
  for (const rows of reports) {
    const page = pageOf(reportOf(rows), []);
    checkMarkup(page);
    assert.doesNotMatch(page, /NaN|Infinity|undefined|null/);
  }
  assert.match(pageOf(reportOf([row(1)])), /All 1 item saved/);
  assert.match(pageOf(reportOf([])), /Nothing was asked for yet/);
});

it('a hundred sessions are drawn beside each other', () => {
  const rows = Array.from({ length: 2000 }, (_, n) =>
    row(n, { endedMs: startMs + Math.floor(n / 20) * 86_400_000 + (n % 20) * 100 }),
  );
  const page = pageOf(reportOf(rows));
  checkMarkup(page);
  assert.match(page, /99 long pauses left out/);
  const [, areas] = /aria-label="Items a second">([\s\S]*?)<\/svg>/.exec(page)!;
  const numbers = [...areas!.matchAll(/H([\d.-]+)/g)].map(([, x]) => Number(x));
  assert.ok(Math.max(...numbers) <= 870 && Math.min(...numbers) >= 78, `${Math.max(...numbers)}`);
});

it('the same report is the same bytes every time', () => {
  assert.equal(pageOf(mixed()), pageOf(mixed()));
});

it('what is not to be linked is not', () => {
  assert.doesNotMatch(pageOf(mixed(), [picture], null), /href=/);
});

it('the mean colour of a BlurHash is read, and what is none has none', () => {
  // The average of the example of woltapp/blurhash.
  assert.equal(colourOf('LEHV6nWB2yk8pyo0adR*.7kCMdnj'), '#979695');
  for (const none of [null, '', 'LEHV', 'LE"}<>', 'LE~~~~']) assert.equal(colourOf(none), null, String(none));
});
