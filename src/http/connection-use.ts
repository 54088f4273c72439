import { subscribe } from 'node:diagnostics_channel';

export interface ConnectionUser {
  /** Whether the connection has carried a request before this one. */
  isReused: boolean;
}

const used = new WeakSet<object>();
let starting: ConnectionUser | undefined;

// undici says which connection carries a request on this channel alone, at once after a handler's onRequestStart.
subscribe('undici:client:sendHeaders', (message) => {
  const { socket } = message as { socket: object };
  if (starting !== undefined) starting.isReused = used.has(socket);
  starting = undefined;
  used.add(socket);
});

/** For a handler's `onRequestStart`: `user.isReused` is right once that has returned. */
export function tellConnectionUse(user: ConnectionUser): void {
  starting = user;
}
