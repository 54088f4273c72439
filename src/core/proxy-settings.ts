import { UsageError } from './errors.ts';
import type { RunSpec } from './run-spec.ts';

/** Never through a proxy: what is on this machine (the demo's origin) is not the proxy's to reach. */
const ownHosts = ['localhost', '127.0.0.1', '[::1]'];

/** The proxies of a run as plain data, each an address or an empty text. */
export interface ProxySettings {
  httpProxy: string;
  httpsProxy: string;
  /** Hosts that are asked directly, separated by commas. */
  noProxy: string;
}

/**
 * What `--proxy`, or else the environment, says; null for no proxy at all. Throws a `UsageError`. Resolved once for a run, so
 * that workers get this and not the environment, in which credentials stand.
 */
export function proxySettings(
  spec: RunSpec,
  environment: Record<string, string | undefined>,
): ProxySettings | null {
  const from = (name: string) => environment[name.toLowerCase()] || environment[name] || undefined;
  const httpProxy = spec.proxy ?? proxyAddress('HTTP_PROXY', from('HTTP_PROXY'));
  const httpsProxy = spec.proxy ?? proxyAddress('HTTPS_PROXY', from('HTTPS_PROXY'));
  if (httpProxy === undefined && httpsProxy === undefined) return null;
  const noProxy = [...ownHosts, from('NO_PROXY') ?? ''].join(',');
  // An empty text, not undefined: that would make undici look into the environment itself.
  return { httpProxy: httpProxy ?? '', httpsProxy: httpsProxy ?? '', noProxy };
}

/** Written without a scheme, as curl takes it, too. The value may hold a password: no message repeats it. */
function proxyAddress(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const address = value.includes('://') ? value : `http://${value}`;
  if (!/^https?:$/.test(URL.parse(address)?.protocol ?? '')) {
    throw new UsageError(`${name} is not the address of a proxy`, {
      hint: `write it as http://host:port, or unset ${name}`,
    });
  }
  return address;
}
