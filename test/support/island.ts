import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs } from './needs.ts';
import { scratch } from './scratch.ts';

/** The island's own /etc/resolv.conf (with no search list, whatever the machine is called), nsswitch.conf and hosts: a test there may write them anew. */
export const islandResolver = 'nameserver 127.0.0.1\nsearch .\noptions timeout:1 attempts:1\n';
export const islandServices = 'hosts: files dns\n';
export const islandHosts = '127.0.0.1 localhost\n::1 localhost\n';

const inside = 'GALLOP_TEST_ISLAND';

/** Run by `sh -c` in new namespaces, with a directory, the addresses, and the command that goes on. */
const settle = `
set -e
here=$1 addresses=$2; shift 2
mount --bind "$here/resolv.conf" /etc/resolv.conf
mount --bind "$here/hosts" /etc/hosts
[ ! -e /etc/nsswitch.conf ] || mount --bind "$here/nsswitch.conf" /etc/nsswitch.conf
ip link set lo up
for address in $addresses; do ip address add "$address" dev lo; done
ip route add unreachable 9.9.9.9
exec "$@"
`;

/**
 * Moves a file of tests into a network of its own (namespaces(7)): nothing but a loopback, which has the given
 * addresses too, 9.9.9.9, which is unreachable, and every name asked of 127.0.0.1:53, where a test answers. To be awaited before the
 * first test, with `import.meta.filename`. For a test's `skip`: false within, or why it cannot be had.
 */
export async function onIsland(file: string, addresses: string[]): Promise<false | string> {
  if (process.env[inside] !== undefined) return false;
  const lacking = needs(
    canHaveIsland(),
    'needs a network namespace: root, unshare and mount, ip (iproute2), IPv6',
  );
  if (lacking !== false) return lacking;
  process.exitCode = await moved(file, addresses);
  process.exit();
}

export function canHaveIsland(): boolean {
  const works = (program: string, ...args: string[]) => spawnSync(program, args).status === 0;
  return (
    works('unshare', '--mount', '--net', 'mount', '--version') &&
    works('ip', '-V') &&
    existsSync('/proc/net/if_inet6')
  );
}

/** The same file inside; what it reports goes where this process's reports would have gone. */
async function moved(file: string, addresses: string[]): Promise<number> {
  using place = scratch();
  const command = [process.execPath, ...process.execArgv, file];
  const [program, ...words] = islandCommand(place.path, addresses, command);
  const child = spawn(program!, words, { stdio: 'inherit', env: { ...process.env, [inside]: '1' } });
  process.once('SIGTERM', () => child.kill());
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

/** What runs a command in such a network, with its files in `place`. `flags` are further ones of unshare(1). */
export function islandCommand(
  place: string,
  addresses: readonly string[],
  command: readonly string[],
  flags: readonly string[] = [],
): string[] {
  writeFileSync(join(place, 'resolv.conf'), islandResolver);
  writeFileSync(join(place, 'hosts'), islandHosts);
  writeFileSync(join(place, 'nsswitch.conf'), islandServices);
  const settled = ['sh', '-c', settle, 'sh', place, addresses.join(' '), ...command];
  return ['unshare', '--mount', '--net', ...flags, ...settled];
}
