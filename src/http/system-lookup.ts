import dns, { type LookupAddress } from 'node:dns';
import { hostname as ownName } from 'node:os';
import { WatchedFile } from './watched-file.ts';

const isWindows = process.platform === 'win32';
/** As `net.connect` asks: no address of a family that this machine has none of. */
const hints = isWindows ? 0 : dns.ADDRCONFIG;

/** Name services of nsswitch.conf(5) that know nothing of a name with a dot but what the hosts file and DNS know. */
const plainServices = /^(files|dns|mdns\w*|\[.*|.*\])$/;

/** What the system itself makes of a name (getaddrinfo), on a thread of which there are few. Cannot be cancelled. */
export function systemLookup(name: string): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    dns.lookup(name, { all: true, hints }, (error, addresses) => {
      if (error === null) resolve(addresses);
      else reject(error);
    });
  });
}

/** When the system has to be asked, rather than DNS: what it is set up to do with a name that is not a whole one. */
export class SystemConfiguration {
  readonly #resolver = new WatchedFile('/etc/resolv.conf', 64 * 1024);
  readonly #services = new WatchedFile('/etc/nsswitch.conf', 64 * 1024);

  /** For names that DNS may have, but that mean another host on this machine. */
  goesBeforeDns(name: string): boolean {
    if (!name.includes('.') || /\.local\.?$/.test(name)) return true;
    if (name.endsWith('.')) return false;
    // A name with fewer dots than that is looked for in the search list first: so it is in Kubernetes.
    const ndots = Number(/^\s*options\b.*\bndots:(\d+)/m.exec(this.#resolver.text)?.[1] ?? 1);
    return name.split('.').length - 1 < ndots && this.#hasSearchList();
  }

  /** Whether a name that DNS does not have may be known to the system: by its search list, or another service. */
  knowsMoreThanDns(name: string): boolean {
    // Elsewhere split DNS (of VPNs, for one) is set up where nobody but the system looks.
    if (process.platform !== 'linux') return true;
    return (!name.endsWith('.') && this.#hasSearchList()) || this.#hasOtherServices();
  }

  #hasSearchList(): boolean {
    const list = /^\s*(?:search|domain)\s+(.*)/m.exec(this.#resolver.text)?.[1];
    // Where none is given, it is the domain of the machine's own name; `.` is none.
    return list === undefined ? ownName().includes('.') : list.trim() !== '.';
  }

  #hasOtherServices(): boolean {
    const services = /^\s*hosts:(.*)/m.exec(this.#services.text.replace(/#.*/g, ''))?.[1] ?? '';
    return services.split(/\s+/).some((service) => service !== '' && !plainServices.test(service));
  }
}
