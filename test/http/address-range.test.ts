import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { AddressRange } from '../../src/core/item.ts';
import { addressRange } from '../../src/http/address-range.ts';

const expected: Record<AddressRange, string[]> = {
  public: ['1.1.1.1', '151.101.1.1', '2606:4700::1111', '64:ff9b::101:101', '2002:101:101::1', '172.32.0.1'],
  loopback: [
    ...['127.0.0.1', '127.255.255.254', '0.0.0.0', '::1', '::', '[::1]'],
    ...['::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1', '2002:7f00:1::1', '::ffff:0:127.0.0.1'],
  ],
  private: [
    ...['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1'],
    ...['fc00::1', 'fd12:3456::1', '::ffff:10.0.0.1', '64:ff9b::a00:1'],
  ],
  local: [
    ...['169.254.169.254', '169.254.0.1', 'fe80::1', 'fe80::1%eth0', '::ffff:169.254.169.254'],
    // Metadata services outside of the link-local ranges.
    ...['100.100.100.200', 'fd00:ec2::254'],
    // Neither public nor anybody's own: multicast, reserved, IPv4-compatible, local NAT64, no address at all.
    ...['224.0.0.1', '255.255.255.255', '240.0.0.1', '192.0.0.1', 'ff02::1', '2001:db8::1'],
    ...['::7f00:1', '::127.0.0.1', '::8.8.8.8', '64:ff9b:1::1', 'fec0::1', '4000::1', '', 'localhost'],
  ],
};

for (const [range, addresses] of Object.entries(expected)) {
  for (const address of addresses) {
    it(`'${address}' is ${range}`, () => assert.equal(addressRange(address), range));
  }
}
