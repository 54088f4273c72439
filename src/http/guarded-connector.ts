import type { LookupAddress } from 'node:dns';
import net from 'node:net';
import type undici from 'undici';
import type { AddressRange } from '../core/item.ts';
import { addressRange } from './address-range.ts';
import type { NameLookup } from './name-lookup.ts';
import { RequestError } from './request-error.ts';
import { buildConnector, errors } from './undici.ts';

/** Called with every connection made, so that what its host lists or redirects to can be judged. */
export type OnConnected = (origin: string, range: AddressRange) => void;

function forbidden(host: string, range: AddressRange): RequestError {
  return new RequestError(
    'forbidden-address',
    `${host} is a ${range === 'local' ? 'link-local or reserved' : range} address, which nothing public may lead to`,
  );
}

/**
 * An undici connector that connects to public addresses and to those of `reach` alone. Decided on the
 * address that is connected to: a literal before it is used, a name on what it resolves to at that
 * moment (addresses out of reach are left out), and once more on the socket's own remote address.
 * Connecting has `connectTimeoutMs` once its address is known; the look-up has a clock of its own.
 */
export function guardedConnector(
  reach: readonly AddressRange[],
  names: NameLookup,
  connectTimeoutMs: number,
  onConnected: OnConnected,
): undici.buildConnector.connector {
  const allowed = (address: string) => {
    const range = addressRange(address);
    return range === 'public' || reach.includes(range);
  };
  const lookup: net.LookupFunction = (hostname, options, callback) => {
    const judged = (addresses: readonly LookupAddress[]) => {
      const within = addresses.filter(({ address }) => allowed(address));
      const first = within[0];
      if (first === undefined) {
        const refused = forbidden(hostname, addressRange(addresses[0]?.address ?? ''));
        return callback(refused as NodeJS.ErrnoException, [], 0);
      }
      if (options.all) return callback(null, within);
      return callback(null, first.address, first.family);
    };
    names.lookUp(hostname).then(judged, (error: NodeJS.ErrnoException) => callback(error, [], 0));
  };
  // HTTP/2 is off: one connection a download is what the strategies and the limits are about.
  const connect = buildConnector({
    // undici's own clock is up to a second late: another try would wait for a connection that was given up.
    timeout: 0,
    allowH2: false,
    lookup,
    autoSelectFamily: true,
  });

  return (options, callback) => {
    const literal = options.hostname.replace(/^\[|\]$/g, '');
    if (net.isIP(literal) !== 0 && !allowed(literal)) {
      callback(forbidden(options.hostname, addressRange(literal)), null);
      return;
    }
    let timer: NodeJS.Timeout | undefined;
    const connecting = connect(options, (...[error, socket]) => {
      clearTimeout(timer);
      if (error !== null) return callback(error, null);
      const range = addressRange(socket.remoteAddress ?? '');
      if (socket.remoteAddress !== undefined && !allowed(socket.remoteAddress)) {
        socket.destroy();
        return callback(forbidden(options.hostname, range), null);
      }
      onConnected(`${options.protocol}//${options.host}`, range);
      callback(null, socket);
    }) as unknown as net.Socket;
    const startClock = () => {
      timer ??= setTimeout(() => connecting.destroy(new errors.ConnectTimeoutError()), connectTimeoutMs);
    };
    // Emitted for each address found, and before a look-up's error.
    if (net.isIP(literal) === 0) connecting.once('lookup', startClock);
    else startClock();
  };
}
