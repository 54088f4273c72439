import ipaddr from 'ipaddr.js';
import type { AddressRange } from '../core/item.ts';

/** Metadata services of clouds that do not lie in a link-local range: Alibaba's, and Amazon's over IPv6. */
const metadata = new Set(['100.100.100.200', 'fd00:ec2::254']);

/** Of IPv6, only this eighth was ever given out as public (IANA's registry of its address space). */
const publicIpv6 = ipaddr.IPv6.parseCIDR('2000::/3');
/** IPv6 ranges whose last four bytes are an IPv4 address. */
const wrappings = ['::ffff:0:0/96', '::ffff:0:0:0/96', '64:ff9b::/96'].map((cidr) =>
  ipaddr.IPv6.parseCIDR(cidr),
);

const ranges: Record<string, AddressRange> = {
  unicast: 'public',
  loopback: 'loopback',
  // "This host": connecting to 0.0.0.0 or :: reaches the loopback.
  unspecified: 'loopback',
  private: 'private',
  uniqueLocal: 'private',
  carrierGradeNat: 'private',
};

/** The range of an IP address (RFC 6890); addresses that carry an IPv4 one inside count as that one. */
export function addressRange(address: string): AddressRange {
  const bare = withHexTail(address.replace(/^\[|\]$/g, '').replace(/%.*$/, ''));
  if (!ipaddr.isValid(bare)) return 'local';
  const parsed = withoutWrapping(ipaddr.parse(bare));
  if (metadata.has(parsed.toString())) return 'local';
  const range = parsed.range();
  if (range === 'unicast' && parsed instanceof ipaddr.IPv6 && !parsed.match(publicIpv6)) return 'local';
  // Whatever is neither public nor somebody's own network (link-local, multicast, reserved) is strictest.
  return ranges[range] ?? 'local';
}

/** One way of writing for one address: ipaddr.js takes `::127.0.0.1` for another than `::7f00:1`. */
function withHexTail(address: string): string {
  if (!address.includes(':') || !address.includes('.')) return address;
  return URL.parse(`http://[${address}]/`)?.hostname.slice(1, -1) ?? address;
}

/** The IPv4 address that an IPv6 one stands for: mapped, translated (RFC 6052, 7915), 6to4. */
function withoutWrapping(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (!(address instanceof ipaddr.IPv6)) return address;
  const bytes = address.toByteArray();
  if (address.range() === '6to4') return ipaddr.fromByteArray(bytes.slice(2, 6));
  return wrappings.some((range) => address.match(range)) ? ipaddr.fromByteArray(bytes.slice(12)) : address;
}
