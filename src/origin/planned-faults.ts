import type { IncomingMessage, ServerResponse } from 'node:http';
import { draw, hash32, lots } from './random.ts';
import { sendText } from './send-text.ts';
import type { Representation } from './serve-body.ts';
import { wireOf } from './tls-listener.ts';

type PlannedFault = (request: IncomingMessage, response: ServerResponse, file: Representation) => void;

const status =
  (code: number, headers: Record<string, string | number> = {}): PlannedFault =>
  (_request, response) =>
    sendText(response, code, `planned ${code}\n`, headers);

/** Begins the answer as it should be, and breaks it off. */
const brokenOff =
  (reset: boolean): PlannedFault =>
  (request, response, { body, mime, etag, datetime }) => {
    response.writeHead(200, {
      'Content-Type': mime,
      'Content-Length': body.length,
      'Accept-Ranges': 'bytes',
      'Last-Modified': new Date(datetime * 1000).toUTCString(),
      ETag: etag,
    });
    const { socket } = request;
    response.write(body.read(0, Math.min(65_536, Math.floor(body.length / 2))), () => {
      if (reset) wireOf(socket).resetAndDestroy();
      else socket.destroy();
    });
  };

/** All of them pass when the request is made again. */
const plannedFaults: PlannedFault[] = [
  status(503),
  brokenOff(true),
  status(500),
  brokenOff(false),
  status(429, { 'Retry-After': 1 }),
  (request) => {
    request.socket.destroy();
  },
];

/**
 * Which pictures of the main album fail, and how: exactly that share of them, drawn by the seed. Each
 * fails on every other request, so that a second run over the same origin meets the same faults.
 */
export class FaultPlan {
  readonly #faults = new Map<number, PlannedFault>();
  readonly #asked = new Map<number, number>();

  constructor({ images, faultShare, seed }: { images: number; faultShare: number; seed: number }) {
    const failing = Math.round(images * faultShare);
    if (failing === 0) return;
    const order = Array.from({ length: images }, (_, i) => i + 1).sort(
      (a, b) => draw(seed, lots.fault, a) - draw(seed, lots.fault, b),
    );
    const first = hash32(seed, lots.faultKind);
    for (const [i, index] of order.slice(0, failing).entries()) {
      this.#faults.set(index, plannedFaults[(first + i) % plannedFaults.length]!);
    }
  }

  /** The fault of this request for the picture at `index` (from 1), or undefined where it goes well. */
  next(index: number): PlannedFault | undefined {
    const fault = this.#faults.get(index);
    if (fault === undefined) return undefined;
    const asked = this.#asked.get(index) ?? 0;
    this.#asked.set(index, asked + 1);
    return asked % 2 === 0 ? fault : undefined;
  }
}
