import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { report } from '../../src/index.ts';
import { gallop, pictureHost, scratchDirectory } from '../cli/gallop.ts';

const chromium = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((file) => existsSync(file));

/** A picture of a page, and what the browser had to say of it. */
async function opened(page: string, picture: string): Promise<{ pixels: Buffer; log: string }> {
  const words = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--window-size=800,900'];
  const { stderr } = await promisify(execFile)(chromium!, [
    ...words,
    '--enable-logging=stderr',
    `--user-data-dir=${picture}.profile`,
    `--screenshot=${picture}`,
    `file://${page}`,
  ]);
  const pixels = await sharp(picture).removeAlpha().raw().toBuffer();
  // What the page itself gave rise to; browsers have complaints of their own.
  return {
    pixels,
    log: stderr
      .split('\n')
      .filter((line) => line.includes('CONSOLE'))
      .join('\n'),
  };
}

/** How many pixels have a colour, nearly. */
function count(pixels: Buffer, [r, g, b]: readonly [number, number, number]): number {
  let found = 0;
  for (let at = 0; at < pixels.length; at += 3) {
    const far = Math.abs(pixels[at]! - r) + Math.abs(pixels[at + 1]! - g) + Math.abs(pixels[at + 2]! - b);
    if (far < 24) found += 1;
  }
  return found;
}

it('a browser shows the page with its style, drawings and pictures, and has no complaint', {
  skip: chromium === undefined ? 'chromium is not installed' : false,
}, async () => {
  using work = scratchDirectory();
  await using host = await pictureHost();
  const dir = join(work.path, 'downloads');
  await gallop([`${host.url}/a.jpg`, `${host.url}/b.jpg`, '-s', 'async', '-d', dir]);
  const { file } = await report(dir);
  const { pixels, log } = await opened(file!, join(work.path, 'page.png'));
  assert.equal(log, '');
  // The picture host's own colour, and that of the bar of what was saved.
  assert.ok(count(pixels, [0xcc, 0x66, 0x33]) > 30, 'no thumbnail');
  assert.ok(count(pixels, [0x0e, 0x8a, 0x72]) > 1000, 'no bar in its colour');

  // That the browser would complain, and show none: the same page with a policy that forbids pictures.
  const strict = join(work.path, 'strict.html');
  writeFileSync(strict, readFileSync(file!, 'utf8').replace('img-src data:; ', ''));
  const refused = await opened(strict, join(work.path, 'strict.png'));
  assert.match(refused.log, /Content Security Policy/);
  assert.equal(count(refused.pixels, [0xcc, 0x66, 0x33]), 0);
});
