import type { Socket } from 'node:net';

/**
 * Connections that a server keeps and serves, and those that wait for one of them to be closed, as in the backlog of a
 * server with so many workers. What is sent on these gets no word until then.
 */
export class ConnectionBacklog {
  readonly #served = new Set<Socket>();
  readonly #waiting = new Map<Socket, () => void>();

  /** Calls back once the connection is one of the `most` that are served together; never where it is closed before. */
  serve(socket: Socket, most: number, then: () => void): void {
    if (!this.#served.has(socket) && this.#served.size < most) this.#take(socket, most);
    if (this.#served.has(socket)) {
      then();
      return;
    }
    this.#waiting.set(socket, then);
    socket.once('close', () => this.#waiting.delete(socket));
  }

  #take(socket: Socket, most: number): void {
    this.#served.add(socket);
    socket.once('close', () => {
      this.#served.delete(socket);
      const [next] = this.#waiting;
      if (next === undefined || this.#served.size >= most) return;
      const [waiting, then] = next;
      this.#waiting.delete(waiting);
      this.#take(waiting, most);
      then();
    });
  }
}
