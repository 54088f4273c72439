import type { IncomingMessage, ServerResponse } from 'node:http';
import { Body } from './body.ts';
import type { Conditions } from './conditions.ts';
import type { EmulatedNetwork } from './network.ts';
import type { OriginOptions } from './options.ts';
import { pageHeaders } from './page.ts';
import type { Picture } from './pictures.ts';
import { FaultPlan } from './planned-faults.ts';
import { sendText } from './send-text.ts';
import { type Representation, serveBody } from './serve-body.ts';
import type { ThinkTime } from './think-time.ts';

/** The part of the origin that is `i.imgur.com` elsewhere: pictures by their names, over the emulated network. */
export class ImageHost {
  readonly #options: OriginOptions;
  readonly #conditions: Conditions;
  readonly #byId: ReadonlyMap<string, Picture>;
  readonly #network: EmulatedNetwork;
  readonly #think: ThinkTime;
  #faults: FaultPlan;
  readonly #removed: Representation;

  /** `removed` is the picture that stands for those that are gone. */
  constructor(
    options: OriginOptions,
    conditions: Conditions,
    byId: ReadonlyMap<string, Picture>,
    network: EmulatedNetwork,
    think: ThinkTime,
    removed: Buffer,
  ) {
    this.#options = options;
    this.#conditions = conditions;
    this.#byId = byId;
    this.#network = network;
    this.#think = think;
    this.#faults = new FaultPlan(options);
    this.#removed = { body: new Body([removed]), mime: 'image/png', etag: '"removed"', datetime: 1.4e9 };
  }

  /** Answers `/ID.ext` and `/removed.png`; false for any other path. `ownHosts` may embed its pictures. */
  serve(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    ownHosts: ReadonlySet<string>,
  ): boolean {
    const [, id, ext] = /^\/(\w+)\.(\w+)$/.exec(path) ?? [];
    if (id === undefined || ext === undefined) return false;
    if (path === '/removed.png') this.#send(request, response, this.#removed);
    else this.#servePicture(request, response, id, ext, ownHosts);
    return true;
  }

  #servePicture(
    request: IncomingMessage,
    response: ServerResponse,
    id: string,
    ext: string,
    ownHosts: ReadonlySet<string>,
  ): void {
    const picture = this.#byId.get(id);
    if (ext === 'gifv' && picture?.video !== undefined) {
      sendText(response, 200, `<!doctype html><video src="/${id}.mp4" loop></video>\n`, pageHeaders);
      return;
    }
    const body = ext === 'mp4' ? picture?.video : ext === picture?.ext ? picture?.body : undefined;
    if (picture === undefined || body === undefined) {
      // Imgur answers so for images that are gone or never were.
      this.#refuse(request, response, 302, 'removed', { Location: '/removed.png' });
      return;
    }
    const { referer } = request.headers;
    if (referer !== undefined && !ownHosts.has(URL.parse(referer)?.host ?? '')) {
      sendText(response, 403, 'embedding is not allowed\n');
      return;
    }
    this.#conditions.count();
    const host = this.#network.hostOf(request.socket);
    const refusal = host.admit(response);
    if (refusal !== undefined) {
      this.#refuse(request, response, refusal.status, 'too many requests', refusal.headers);
      return;
    }
    const file: Representation = {
      body,
      mime: ext === 'mp4' ? 'video/mp4' : picture.mime,
      etag: `"${id}-${this.#options.seed}-${body.length}"`,
      datetime: picture.datetime,
    };
    const thinkMs = this.#think(picture.index);
    const answer = () => {
      const fault = this.#faults.next(picture.index);
      if (fault === undefined) this.#send(request, response, file);
      else fault(request, response, file);
    };
    host.serve(request.socket, () =>
      this.#network.delay(request.socket, () => host.serviceMs(thinkMs), answer),
    );
  }

  /** Nothing was asked for so far: planned faults come again. */
  reset(): void {
    this.#faults = new FaultPlan(this.#options);
  }

  #send(request: IncomingMessage, response: ServerResponse, file: Representation): void {
    serveBody(request, response, file, this.#network.send.bind(this.#network));
  }

  /** Without a thought, but not faster than the round trip. */
  #refuse(
    request: IncomingMessage,
    response: ServerResponse,
    status: number,
    text: string,
    headers: Record<string, string | number>,
  ): void {
    this.#network.delay(
      request.socket,
      () => 0,
      () => sendText(response, status, `${text}\n`, headers),
    );
  }
}
