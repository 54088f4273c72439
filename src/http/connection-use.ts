import { subscribe } from 'node:diagnostics_channel';

type Tell = (isReused: boolean) => void;

const used = new WeakSet<object>();
let starting: Tell | undefined;

// undici says which connection carries a request on this channel alone, at once after a handler's onRequestStart.
subscribe('undici:client:sendHeaders', (message) => {
  const { socket } = message as { socket: object };
  starting?.(used.has(socket));
  starting = undefined;
  used.add(socket);
});

/** For a handler's `onRequestStart`: `tell` hears whether the connection has carried a request before this one. */
export function onConnectionUse(tell: Tell): void {
  starting = tell;
}
