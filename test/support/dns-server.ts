import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import ipaddr from 'ipaddr.js';

/** What there is to say of a name. Without records and `status` it exists and has no address. */
export interface NameRecords {
  a?: string[];
  aaaa?: string[];
  /** Another name of the zone, or of none. */
  cname?: string;
  /** For both types, or for one alone. */
  status?: Status | Partial<Record<'a' | 'aaaa', Status>>;
  /** 0 unless told otherwise: nothing may be kept. */
  ttlSeconds?: number;
  /** Until it is answered. */
  delayMs?: number;
}

type Status = 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED' | 'silence';

/** By name; of several, one for each look-up in turn, and the last for all that follow. Other names are not there. */
export type Zone = Record<string, NameRecords | NameRecords[]>;

export interface DnsServer extends AsyncDisposable {
  zone: Zone;
  /** Look-ups of a name so far: those that asked for IPv4 addresses. */
  lookUps(name: string): number;
}

const types = { a: 1, cname: 5, aaaa: 28 } as const;
const statuses = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;
const typesAsked: Record<number, 'a' | 'aaaa'> = { 1: 'a', 28: 'aaaa' };

/** A resolver over UDP (RFC 1035, 4.1) at port 53 that answers from `zone` alone. */
export async function dnsServer(zone: Zone = {}, address = '127.0.0.1'): Promise<DnsServer> {
  const socket = createSocket('udp4');
  let isOpen = true;
  const turns = new Map<string, number>();
  const server: DnsServer = {
    zone,
    lookUps: (name) => turns.get(`a ${name}`) ?? 0,
    async [Symbol.asyncDispose]() {
      isOpen = false;
      socket.close();
      await once(socket, 'close');
    },
  };
  socket.on('message', (query, from) => {
    const { name, end } = readName(query, 12);
    const type = typesAsked[query.readUInt16BE(end)];
    const turn = turns.get(`${type} ${name}`) ?? 0;
    turns.set(`${type} ${name}`, turn + 1);
    const answer = answerTo(server.zone, name, type, turn);
    if (answer === null) return;
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    // An answer, recursion desired and available, and its status.
    header.writeUInt16BE(0x8180 | statuses[answer.status], 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(answer.records.length, 6);
    const message = Buffer.concat([header, query.subarray(12, end + 4), ...answer.records]);
    const send = () => isOpen && socket.send(message, from.port, from.address);
    if (answer.delayMs === 0) send();
    else setTimeout(send, answer.delayMs);
  });
  socket.bind(53, address);
  await once(socket, 'listening');
  return server;
}

interface Answer {
  status: keyof typeof statuses;
  records: Buffer[];
  delayMs: number;
}

/** Aliases are followed within the zone, as a resolver does. Null: no answer. */
function answerTo(zone: Zone, name: string, type: 'a' | 'aaaa' | undefined, turn: number): Answer | null {
  const records: Buffer[] = [];
  let delayMs = 0;
  for (let owner = name; ; ) {
    const entry = zone[owner];
    const found = Array.isArray(entry) ? entry[Math.min(turn, entry.length - 1)] : entry;
    if (found === undefined) return { status: 'NXDOMAIN', records, delayMs };
    const status = typeof found.status === 'object' ? type && found.status[type] : found.status;
    if (status === 'silence') return null;
    delayMs += found.delayMs ?? 0;
    if (status !== undefined) return { status, records, delayMs };
    const add = (type: number, data: Buffer) =>
      records.push(record(owner, type, found.ttlSeconds ?? 0, data));
    if (found.cname !== undefined) {
      add(types.cname, nameBytes(found.cname));
      owner = found.cname;
      continue;
    }
    const addresses = type === undefined ? [] : (found[type] ?? []);
    for (const address of addresses) add(types[type!], addressBytes(address));
    return { status: 'NOERROR', records, delayMs };
  }
}

function record(owner: string, type: number, ttlSeconds: number, data: Buffer): Buffer {
  // Type, class IN, time to live, the length of the data.
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(ttlSeconds, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([nameBytes(owner), fixed, data]);
}

const nameBytes = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);

function readName(message: Buffer, start: number): { name: string; end: number } {
  const labels: string[] = [];
  let at = start;
  for (let length = message[at]!; length > 0; length = message[at]!) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length).toLowerCase());
    at += 1 + length;
  }
  return { name: labels.join('.'), end: at + 1 };
}

/** 4 or 16 bytes. */
const addressBytes = (address: string): Buffer => Buffer.from(ipaddr.parse(address).toByteArray());
