import { createRequire } from 'node:module';
import type undici from 'undici';

const require = createRequire(import.meta.url);

/**
 * The parts of undici that downloads need. Its index loads all of it, fetch, WebSocket and mocks included, which
 * takes forty milliseconds more: a worker's start, and much of the time of a single file.
 */
export const Client: typeof undici.Client = require('undici/lib/dispatcher/client.js');
export const buildConnector: typeof undici.buildConnector = require('undici/lib/core/connect.js');
export const errors: typeof undici.errors = require('undici/lib/core/errors.js');

/** It needs all of undici, which is loaded where there is a proxy. */
export function proxyAgent(options: undici.EnvHttpProxyAgent.Options): undici.Dispatcher {
  const { EnvHttpProxyAgent }: typeof undici = require('undici');
  return new EnvHttpProxyAgent(options);
}
