import type { ProxySettings } from '../core/proxy-settings.ts';
import type { RunSpec } from '../core/run-spec.ts';
import { createDownloader } from '../download/downloader.ts';
import { busyShareOf } from './busy-share.ts';
import type { Place, PlaceHooks } from './place.ts';

/** Downloads on this thread's event loop. */
export async function localPlace(
  spec: RunSpec,
  proxies: ProxySettings | null,
  capacity: number,
  hooks: PlaceHooks,
): Promise<Place> {
  const downloader = await createDownloader(spec, proxies, { ...hooks, handsBack: true });
  return {
    capacity,
    run: (work, fetched) => downloader.download(work, fetched),
    pauseHost: (host, pause) => {
      downloader.http.pauses.announce(host, pause);
    },
    takeBack: (silences) => downloader.http.watchdog.takeBack(silences),
    busyShare: busyShareOf(performance),
    stop: (graceMs) => downloader.stop(graceMs),
    async close() {
      await downloader.close();
      const { cpuSeconds, peakRssBytes } = downloader.usage;
      return { cpuSeconds, pictureCpuSeconds: cpuSeconds, peakRssBytes };
    },
  };
}
