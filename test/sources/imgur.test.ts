import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageError } from '../../src/core/errors.ts';
import { imgur } from '../../src/sources/imgur.ts';
import { album, all, data, failure, image, type Reply, testApi, testContext } from './support.ts';

async function list(input: string, routes: Record<string, Reply | Reply[]>, spec = {}) {
  await using api = await testApi(routes);
  const context = testContext({ imgurApi: api.url, ...spec });
  const items = await all(imgur.items(input, context));
  return { items, context, requests: api.requests };
}

const one = async (more: Record<string, unknown>, spec = {}) =>
  (
    await list(
      'imgur:Anim123',
      { '/3/album/Anim123': data(album('Anim123', [image('Anim123', more)])) },
      spec,
    )
  ).items[0]!;

describe('imgur', () => {
  it('lists an album with one request, in its order, with what it promises', async () => {
    const images = [
      image('pic0001', { title: 'One', surprise: { a: 1 } }),
      image('pic0002', { type: 'image/png', link: 'https://i.imgur.com/pic0002.png' }),
    ];
    const { items, context, requests } = await list('https://imgur.com/a/words-alb1', {
      '/3/album/alb1': data(album('alb1', images)),
    });
    assert.deepEqual(requests, ['GET /3/album/alb1']);
    assert.deepEqual(context.totals, [2]);
    assert.deepEqual(items[0], {
      key: 'imgur:pic0001',
      url: 'https://i.imgur.com/pic0001.jpg',
      name: 'pic0001',
      title: 'One',
      album: { id: 'alb1', title: 'Album alb1' },
      index: 1,
      expect: { bytes: 370_000, mime: 'image/jpeg', width: 1600, height: 1200 },
      reach: ['loopback'],
      meta: images[0],
    });
    assert.deepEqual(
      [items[1]?.key, items[1]?.index, items[1]?.expect?.mime],
      ['imgur:pic0002', 2, 'image/png'],
    );
  });

  it('asks for all images where the album gives only the first', async () => {
    const few = album('alb1', [image('p1')], { images_count: 3 });
    const { items, requests } = await list('https://imgur.com/a/alb1', {
      '/3/album/alb1': data(few),
      '/3/album/alb1/images': data([image('p1'), image('p2'), image('p3')]),
    });
    assert.deepEqual(
      items.map(({ name }) => name),
      ['p1', 'p2', 'p3'],
    );
    assert.deepEqual(requests, ['GET /3/album/alb1', 'GET /3/album/alb1/images']);
  });

  it('says so where an album lists fewer images than it has', async () => {
    const { items, context } = await list('https://imgur.com/a/alb1', {
      '/3/album/alb1': data(album('alb1', [image('p1')], { images_count: 3 })),
      '/3/album/alb1/images': data([image('p1'), image('p2')]),
    });
    assert.equal(items.length, 2);
    assert.match(context.notes.join(), /has 3 images, but lists only 2/);
  });

  it('lists an empty album as nothing, with a note', async () => {
    const { items, context } = await list('imgur:none', { '/3/album/none': data(album('none', [])) });
    assert.deepEqual(items, []);
    assert.deepEqual(context.totals, [0]);
    assert.match(context.notes.join(), /none is empty/);
  });

  it('keeps the first of an image that is there twice', async () => {
    const images = [image('p1', { title: 'first' }), image('p2'), image('p1', { title: 'second' })];
    const { items, context } = await list('imgur:alb', { '/3/album/alb': data(album('alb', images)) });
    assert.deepEqual(
      items.map(({ key, index, title }) => [key, index, title]),
      [
        ['imgur:p1', 1, 'first'],
        ['imgur:p2', 2, undefined],
      ],
    );
    assert.deepEqual(context.totals, [2]);
  });

  it('tries imgur:ID as album, then as gallery post, then as image, and has no album for an image', async () => {
    const { items, requests } = await list('imgur:pic0001', { '/3/image/pic0001': data(image('pic0001')) });
    assert.deepEqual(requests, ['GET /3/album/pic0001', 'GET /3/gallery/pic0001', 'GET /3/image/pic0001']);
    assert.equal(items[0]?.album, undefined);
    assert.equal(items[0]?.key, 'imgur:pic0001');
  });

  it('reads gallery posts that are albums, and those that are images', async () => {
    const post = await list('https://imgur.com/gallery/post1', {
      '/3/gallery/album/post1': data(album('post1', [image('p1')], { is_album: true })),
    });
    assert.equal(post.items[0]?.album?.id, 'post1');
    const single = await list('https://imgur.com/t/x/words-pic1', {
      '/3/gallery/pic1': data(image('pic1', { is_album: false })),
    });
    assert.deepEqual(
      single.items.map(({ key, album }) => [key, album]),
      [['imgur:pic1', undefined]],
    );
  });

  it('lists what a user posted, page by page, until a page is empty', async () => {
    const { items, requests } = await list('https://imgur.com/user/ann', {
      '/3/account/ann/submissions/0': data([
        image('p1'),
        album('alb', [image('p2')], { is_album: true, images_count: 2 }),
      ]),
      '/3/album/alb/images': data([image('p2'), image('p3')]),
      '/3/account/ann/submissions/1': data([image('p4')]),
      '/3/account/ann/submissions/2': data([]),
    });
    assert.deepEqual(
      items.map(({ name, index, album }) => [name, index, album?.id]),
      [
        ['p1', 1, undefined],
        ['p2', 2, 'alb'],
        ['p3', 3, 'alb'],
        ['p4', 4, undefined],
      ],
    );
    assert.equal(requests.length, 4);
  });

  it('comes to an end with a server that gives the same page for ever', async () => {
    const page = data([image('p1')]);
    const { items } = await list('https://imgur.com/user/ann', {
      '/3/account/ann/submissions/0': page,
      '/3/account/ann/submissions/1': page,
    });
    assert.equal(items.length, 1);
  });

  it('tolerates what is missing or of another type', async () => {
    const images = [
      { id: 'p1', link: 'https://i.imgur.com/p1.jpg', size: '12', width: -1 },
      { link: 'https://i.imgur.com/p2.png', type: 5 },
      null,
      7,
    ];
    const { items } = await list('imgur:alb', { '/3/album/alb': data({ images, images_count: 'many' }) });
    assert.deepEqual(
      items.map(({ key, expect, album }) => [key, expect, album]),
      [
        ['imgur:p1', { bytes: 12 }, { id: 'alb' }],
        ['imgur:p2', {}, { id: 'alb' }],
      ],
    );
  });

  it('makes an image without any address one failed item, not a missing one', async () => {
    const { items } = await list('imgur:alb', {
      '/3/album/alb': data(album('alb', [image('p1', { link: null }), image('p2')])),
    });
    assert.equal(items[0]?.failure?.code, 'not-found');
    assert.equal(items[1]?.failure, undefined);
  });

  it('never passes on what it takes to delete an image', async () => {
    assert.equal('deletehash' in (await one({ deletehash: 'dontshow' })).meta!, false);
  });

  const gif = {
    type: 'image/gif',
    animated: true,
    size: 9_000_000,
    link: 'https://i.imgur.com/Anim123.gif',
    mp4: 'https://i.imgur.com/Anim123.mp4',
    mp4_size: 800_000,
  };
  const animated: [why: string, more: object, prefer: string, url: string, expect: object][] = [
    ['as mp4, with the size of that', {}, 'mp4', gif.mp4, { bytes: 800_000, mime: 'video/mp4' }],
    [
      'as gif where that is preferred',
      {},
      'gif',
      gif.link,
      { bytes: 9_000_000, mime: 'image/gif', width: 1600, height: 1200 },
    ],
    [
      'as gif while the mp4 is not ready',
      { mp4_size: 0 },
      'mp4',
      gif.link,
      { bytes: 9_000_000, mime: 'image/gif', width: 1600, height: 1200 },
    ],
    [
      'as mp4 where the gif is a still thumbnail of another name',
      { link: 'https://i.imgur.com/Anim123h.gif' },
      'gif',
      gif.mp4,
      { bytes: 800_000, mime: 'video/mp4' },
    ],
    [
      'as mp4 where the gif is a still thumbnail of another type',
      { link: 'https://i.imgur.com/Anim123.jpg' },
      'gif',
      gif.mp4,
      { bytes: 800_000, mime: 'video/mp4' },
    ],
    [
      'as mp4 without a size where none is told',
      { mp4_size: undefined },
      'mp4',
      gif.mp4,
      { mime: 'video/mp4' },
    ],
    [
      'as mp4 where there is no link',
      { link: undefined, mp4_size: 0 },
      'gif',
      gif.mp4,
      { mime: 'video/mp4' },
    ],
    [
      'as the still where there is nothing else, promising nothing',
      { link: 'https://i.imgur.com/Anim123h.gif', mp4: undefined },
      'gif',
      'https://i.imgur.com/Anim123h.gif',
      {},
    ],
    [
      'as the video that it always was',
      { type: 'video/mp4', link: gif.mp4, size: 800_000 },
      'gif',
      gif.mp4,
      { bytes: 800_000, mime: 'video/mp4', width: 1600, height: 1200 },
    ],
  ];
  for (const [why, more, prefer, url, expect] of animated) {
    it(`takes an animated picture ${why}`, async () => {
      const item = await one({ ...gif, ...more }, { prefer });
      assert.deepEqual([item.url, item.expect], [url, expect]);
    });
  }

  it('needs no credentials for a direct link, and no request', async () => {
    const context = testContext({ imgurApi: 'http://127.0.0.1:1' }, { environment: {} });
    const items = await all(imgur.items('https://i.imgur.com/AbCdeFgm.jpg?1', context));
    assert.deepEqual(items, [
      {
        key: 'imgur:AbCdeFg',
        url: 'https://i.imgur.com/AbCdeFg.jpg',
        name: 'AbCdeFg',
        index: 1,
        reach: ['loopback', 'private', 'local'],
      },
    ]);
  });

  it('asks the API about a direct link where it can, and does without where it cannot', async () => {
    const told = await list('https://i.imgur.com/pic0001.jpg', {
      '/3/image/pic0001': data(image('pic0001')),
    });
    assert.equal(told.items[0]?.expect?.bytes, 370_000);
    const refused = await list('https://i.imgur.com/pic0001.jpg', { '/3/image/pic0001': failure(403, 'no') });
    assert.deepEqual(
      [refused.items[0]?.url, refused.items[0]?.expect],
      ['https://i.imgur.com/pic0001.jpg', undefined],
    );
    assert.equal(refused.context.notes.length, 1);
  });

  it('refuses an address that names nothing', async () => {
    await assert.rejects(all(imgur.items('https://imgur.com/t/funny', testContext())), UsageError);
  });

  it('refuses an answer that is neither an album nor an image', async () => {
    for (const body of [[], null, 'text', 5, { foo: 1 }]) {
      await assert.rejects(list('https://imgur.com/a/x', { '/3/album/x': data(body) }), {
        code: 'not-an-answer',
        exitCode: 4,
      });
    }
  });
});
