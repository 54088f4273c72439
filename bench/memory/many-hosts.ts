import { dnsServer, type Zone } from '../../test/support/dns-server.ts';
import { Workspace } from '../workspace.ts';
import { type GrowthPlan, hostName, watchGrowth } from './growth.ts';

/**
 * Run in a network of its own, with a directory and a plan: answers for the names of the hosts, and prints how the
 * memory of gallop grows with them.
 */
const [, , directory, text] = process.argv;
const plan = JSON.parse(text!) as GrowthPlan;
/** As a name server near by takes. */
const lookUpMs = 20;
const zone: Zone = {};
for (let host = 0; host < plan.hosts; host += 1) {
  // Of 127.0.0.0/8, one for each, as with real hosts: no pair of addresses runs out of ports.
  const address = `127.${1 + (host >> 16)}.${(host >> 8) & 255}.${host & 255}`;
  zone[hostName(host)] = { a: [address], ttlSeconds: 300, delayMs: lookUpMs };
}
await using _dns = await dnsServer(zone);
using workspace = new Workspace(directory);
process.stdout.write(`${JSON.stringify(await watchGrowth(workspace, plan))}\n`);
