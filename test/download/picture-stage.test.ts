import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { resolveRunSpec } from '../../src/core/options/resolve-options.ts';
import type { RunSpec } from '../../src/core/run-spec.ts';
import type { Found } from '../../src/download/inspect.ts';
import { PictureStage } from '../../src/download/picture-stage.ts';
import { needs } from '../support/needs.ts';
import { childrenWith, hasProc } from '../support/processes.ts';

/** As it stands in the file, and as it is shown: upright. */
const turned = await sharp({ create: { width: 40, height: 20, channels: 3, background: '#a04020' } })
  .composite([
    { input: { create: { width: 20, height: 10, channels: 3, background: 'white' } }, left: 0, top: 0 },
  ])
  .withMetadata({ orientation: 6, exif: { IFD0: { Artist: 'somebody' } } })
  .jpeg()
  .toBuffer();
const drawing = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="9" height="9"/></svg>',
);

const digests = { sha256: 'ab'.repeat(32), md5: 'cd'.repeat(16) };
const jpeg: Found = {
  ...{ ext: 'jpg', mime: 'image/jpeg', sha256: digests.sha256, width: 40, height: 20, decodes: true },
};
const svg: Found = { ...jpeg, ext: 'svg', mime: 'image/svg+xml' };
const video: Found = {
  ...{ ext: 'mp4', mime: 'video/mp4', sha256: digests.sha256, width: null, height: null, decodes: false },
};

const stageFor = (spec: Partial<RunSpec>) => new PictureStage(resolveRunSpec({ sources: [], ...spec }));

async function applied(spec: Partial<RunSpec>, found: Found, bytes: Buffer) {
  const stage = stageFor(spec);
  try {
    const body = { size: bytes.length, whole: () => bytes };
    const { ms, ...staged } = await stage.apply(found, body, digests, 'host', performance.now() + 60_000);
    return { ...staged, took: ms > 0 };
  } finally {
    await stage.close();
  }
}

describe('the stage of a run', () => {
  it('has something to do for each option that asks something of pictures, and nothing without', () => {
    const asks: Partial<RunSpec>[] = [
      ...([{ check: 'full' }, { minSize: 1 }, { maxAspect: 2 }, { maxPixels: 9 }] as const),
      ...([{ resize: 9 }, { format: 'png' }, { stripMetadata: true }, { frames: 'first' }] as const),
      ...([{ phash: true }, { blurhash: true }, { duplicates: 3 }, { output: 'files' }] as const),
      { mime: ['image/png'] },
    ];
    for (const spec of asks) assert.equal(stageFor(spec).isIdle, false, JSON.stringify(spec));
    for (const spec of [{}, { check: 'none' }, { duplicates: 'digest' }, { quality: 3 }] as const) {
      assert.equal(stageFor(spec).isIdle, true, JSON.stringify(spec));
    }
  });

  it('that is idle takes a body as it is', async () => {
    assert.deepEqual(await applied({}, jpeg, drawing), { skip: null, file: null, took: false });
  });

  it('leaves a picture out before it is decoded, and says nothing of it', async () => {
    const { skip, ...more } = await applied({ minSize: 21, resize: 9, phash: true }, jpeg, Buffer.alloc(9));
    assert.equal(skip?.code, 'too-small');
    assert.deepEqual(more, { file: null, took: true });
  });

  it('says of a picture that is only checked nothing but that it can be decoded', async () => {
    const staged = { skip: null, file: null, took: true };
    assert.deepEqual(await applied({ check: 'full' }, jpeg, turned), staged);
    assert.deepEqual(await applied({ check: 'full' }, video, Buffer.alloc(9)), staged);
    const broken = turned.subarray(0, turned.length >> 1);
    await assert.rejects(applied({ check: 'full' }, jpeg, broken), {
      ...{ name: 'RequestError', code: 'corrupt' },
      message: /^host: the jpg file cannot be decoded: /,
    });
  });

  it('makes what was asked for, and says how large the picture was as it is shown', async () => {
    const { file, picture, skip } = await applied({ resize: 10, phash: true, blurhash: true }, jpeg, turned);
    assert.equal(skip, null);
    assert.deepEqual([file?.ext, file?.width, file?.height], ['jpg', 5, 10]);
    const original = { bytes: turned.length, ...digests, mime: 'image/jpeg', width: 20, height: 40 };
    assert.deepEqual(picture?.original, original);
    assert.equal(picture?.exif?.Artist, 'somebody');
    assert.match(picture!.phash!, /^[0-9a-f]{16}$/);
    assert.equal(picture!.blurhash!.length, 28);
    assert.ok(!('unread' in picture!));
  });

  it('says each thing that it was asked for alone', async () => {
    const keys = async (spec: Partial<RunSpec>) => {
      return Object.keys((await applied(spec, jpeg, turned)).picture!).sort();
    };
    assert.deepEqual(await keys({ phash: true }), ['exif', 'original', 'phash']);
    assert.deepEqual(await keys({ blurhash: true }), ['blurhash', 'exif', 'original']);
    assert.deepEqual(await keys({ output: 'files' }), ['exif', 'original']);
  });

  it('keeps what cannot be decoded as it came, and says that it is not read', async () => {
    assert.deepEqual(await applied({ resize: 10, phash: true }, video, Buffer.alloc(9)), {
      ...{ skip: null, file: null, took: true },
      picture: {
        original: { bytes: 9, ...digests, mime: 'video/mp4', width: null, height: null },
        unread: true,
      },
    });
  });

  it('draws an SVG, which it is told of, and takes no other picture for one', async () => {
    assert.equal((await applied({ resize: 10 }, svg, drawing)).file?.ext, 'png');
    await assert.rejects(applied({ resize: 10 }, jpeg, drawing), { code: 'corrupt' });
  });

  it('has one process, where its place is one of many', {
    skip: needs(hasProc, 'children are found by /proc'),
  }, async () => {
    const stage = stageFor({ strategy: 'threads', resize: 10 });
    const body = { size: turned.length, whole: () => turned };
    const apply = () => stage.apply(jpeg, body, digests, 'host', performance.now() + 60_000);
    try {
      await Promise.all([apply(), apply(), apply()]);
      assert.equal(childrenWith('/src/image/picture-worker.').length, 1);
    } finally {
      await stage.close();
    }
  });
});
