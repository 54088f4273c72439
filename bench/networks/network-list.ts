/** A network on which `auto` is judged, as data. */
export interface Network {
  name: string;
  /** What it stands for. */
  about: string;
  /** Of the embedded origin, as after `demo:`; HALF stands for half of the pictures. */
  origin: string;
  /** Pictures in the large run; `largeRun` unless given. */
  most?: number;
  /** Computing may be the limit: worker threads are in the sweep as well. */
  isComputing?: boolean;
}

export const largeRun = 1000;

/**
 * Bandwidths and sizes are such that the best fixed number takes two to four seconds for the large run, and neither the
 * origin nor the client fills a core: what is judged is the choice, not the machine.
 */
export const networks: Network[] = [
  {
    name: 'far-album',
    about: 'an album far away: each connection is slow, the link is not',
    origin: 'bytes=100KB&rtt=40ms&think=30-90ms&connection=1MB/s&link=50MB/s',
  },
  {
    name: 'near-fast',
    about: 'a server next door; computing is the limit',
    origin: 'bytes=26KB&rtt=0ms&think=1-3ms&connection=none&link=none&slowstart=off',
    most: 4000,
    isComputing: true,
  },
  {
    name: 'thin-link',
    about: 'a thin link that a few connections fill',
    origin: 'bytes=20KB&rtt=30ms&think=5-20ms&connection=none&link=8MB/s',
  },
  {
    name: 'far-fat',
    about: 'another continent, with plenty of bandwidth',
    origin: 'bytes=60KB&rtt=150ms&think=10-30ms&connection=none&link=60MB/s',
  },
  {
    name: 'slow-start',
    about: 'every connection has to find its speed',
    origin: 'bytes=150KB&rtt=60ms&think=5-10ms&connection=none&link=50MB/s',
  },
  {
    name: 'knee-429',
    about: 'more than 32 at once are answered 429, with Retry-After',
    origin: 'bytes=30KB&rtt=40ms&think=10-40ms&connection=2MB/s&link=none&knee=32',
  },
  {
    name: 'knee-429-bare',
    about: 'more than 24 at once are answered 429, and nothing says for how long',
    origin: 'bytes=30KB&rtt=30ms&think=5-25ms&connection=2MB/s&link=none&knee=24&retryafter=none',
  },
  {
    name: 'knee-503',
    about: 'more than 16 at once are answered 503',
    origin:
      'bytes=20KB&rtt=20ms&think=5-20ms&connection=4MB/s&link=none&knee=16&kneemode=503&retryafter=none',
  },
  {
    name: 'rate-limit',
    about: "400 requests a second and a burst of 50, as nginx's limit_req does",
    origin: 'bytes=20KB&rtt=40ms&think=10-30ms&connection=4MB/s&link=none&rate=400&burst=50&retryafter=none',
  },
  {
    name: 'random-refusals',
    about: 'a fifth of the requests are answered 503 by lot, whatever is in flight',
    origin: 'bytes=30KB&rtt=40ms&think=10-40ms&connection=2MB/s&link=none&refused=0.2&retryafter=none',
  },
  {
    name: 'knee-slow',
    about: 'above 16 at once everyone is served slower; no more comes through',
    origin: 'bytes=30KB&rtt=10ms&think=10-30ms&connection=3MB/s&link=none&knee=16&kneemode=slow',
  },
  {
    name: 'knee-collapse',
    about: 'above 24 at once the server gets into trouble, and less comes through',
    origin: 'bytes=30KB&rtt=20ms&think=10-30ms&connection=3MB/s&link=none&knee=24&kneemode=collapse',
  },
  {
    name: 'worker-pool',
    about: 'a server of 16 workers, with a queue before them',
    origin: 'bytes=30KB&rtt=30ms&think=20-50ms&connection=none&link=none&workers=16&slowstart=off',
  },
  {
    name: 'connection-limit',
    about: 'connections above 24 are reset',
    origin: 'bytes=30KB&rtt=30ms&think=5-25ms&connection=2MB/s&link=none&maxconnections=24',
  },
  {
    name: 'backlog',
    about: 'a server of 16 workers, each with a connection that it keeps; others get no word',
    origin: 'bytes=30KB&rtt=30ms&think=5-25ms&connection=2MB/s&link=none&served=16',
  },
  {
    name: 'many-hosts',
    about: '200 hosts, each up to four times faster or slower than the others',
    origin: 'bytes=40KB&rtt=60ms&think=20-60ms&connection=1MB/s&link=30MB/s&hosts=200&spread=4',
  },
  {
    name: 'turns-far',
    about: 'the way becomes ten times longer in mid-run',
    origin: 'bytes=30KB&rtt=12ms&think=5-15ms&connection=2MB/s&link=20MB/s&change=HALF&changed.rtt=120ms',
  },
  {
    name: 'turns-tight',
    about: 'the server allows only 16 at once from mid-run on',
    origin: 'bytes=30KB&rtt=40ms&think=5-25ms&connection=2MB/s&link=none&change=HALF&changed.knee=16',
  },
  {
    name: 'mixed-sizes',
    about: 'mostly tiny files, some large ones, and a few very large ones',
    origin: 'mix=80%x20KB,19.5%x200KB,0.5%x5MB&rtt=30ms&think=10-40ms&connection=5MB/s&link=40MB/s',
  },
];

/** The origin's parameters for a run of so many pictures. */
export const originQuery = ({ origin }: Network, images: number): string =>
  `?images=${images}&kinds=jpeg&${origin.replace('HALF', String(images / 2))}`;

/** The same for a run of that size; the large one has as many as the network says. */
export const queryOf = (network: Network, size: number): string =>
  originQuery(network, size === largeRun ? (network.most ?? size) : size);
