/**
 * Whether the scans of a sequential JPEG (ITU-T T.81, SOF0 and SOF1) hold just as many codes as its picture has
 * blocks. Decoders in use do not look: an impossible code counts as a zero, and what is left over behind the last
 * block is passed over, so that of a scan with other bytes in it they show something and say nothing.
 */

/** Where damage was found, as a clause; null for a scan that is in order, and for another kind of JPEG. */
export function brokenScan(jpeg: Buffer): string | null {
  const tables = new Map<number, Uint16Array>();
  let frame: Frame | undefined;
  let restartInterval = 0;
  for (let at = 2; at + 4 <= jpeg.length; ) {
    const marker = jpeg[at + 1]!;
    if (jpeg[at] !== 0xff || marker === 0xd9) return null;
    if (marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    const segment = jpeg.subarray(at + 4, at + 2 + jpeg.readUInt16BE(at + 2));
    at += 4 + segment.length;
    if (marker === 0xc4) readTables(segment, tables);
    else if (marker === 0xdd) restartInterval = segment.readUInt16BE(0);
    else if (marker === 0xc0 || marker === 0xc1) frame = readFrame(segment);
    else if (marker >= 0xc2 && marker <= 0xcf && marker !== 0xc8 && marker !== 0xcc) return null;
    else if (marker === 0xda) {
      // A number of lines that comes only later (DNL) is a rarity that is not judged.
      if (frame === undefined || frame.height === 0) return null;
      const scan = readScan(segment, frame, tables);
      // Motion JPEG leaves the tables out, and means those of T.81's annex K.
      if (scan === null) return null;
      const end = endOfScan(jpeg, at, scan, restartInterval);
      if (typeof end === 'string') return end;
      at = end;
    }
  }
  return null;
}

interface Component {
  id: number;
  across: number;
  down: number;
}

interface Frame {
  width: number;
  height: number;
  components: Component[];
}

/** Tables of the blocks of one MCU, in turn, and how many MCUs there are. */
interface Scan {
  blocks: { dc: Uint16Array; ac: Uint16Array }[];
  units: number;
}

function readFrame(segment: Buffer): Frame {
  const [height, width] = [segment.readUInt16BE(1), segment.readUInt16BE(3)];
  const components = Array.from({ length: segment[5]! }, (_, n): Component => {
    const [id, sampling] = [segment[6 + n * 3]!, segment[7 + n * 3]!];
    return { id, across: sampling >> 4, down: sampling & 15 };
  });
  return { width, height, components };
}

/** For every 16 bits the symbol whose code they begin with, above the length of the code; 0 where they are none (T.81, C.2). */
function readTables(segment: Buffer, tables: Map<number, Uint16Array>): void {
  for (let at = 0; at + 17 <= segment.length; ) {
    const table = new Uint16Array(65_536);
    let value = at + 17;
    let code = 0;
    for (let length = 1; length <= 16; length += 1) {
      for (let n = 0; n < segment[at + length]!; n += 1) {
        const span = 1 << (16 - length);
        table.fill((segment[value]! << 5) | length, code, code + span);
        value += 1;
        code += span;
      }
    }
    tables.set(segment[at]!, table);
    at = value;
  }
}

/** Null for a scan of a component, or with a table, that the file has not named. */
function readScan(segment: Buffer, frame: Frame, tables: Map<number, Uint16Array>): Scan | null {
  const most = (side: 'across' | 'down') => Math.max(...frame.components.map((it) => it[side]));
  const count = segment[0]!;
  const blocks: Scan['blocks'] = [];
  let units = 0;
  for (let n = 0; n < count; n += 1) {
    const component = frame.components.find(({ id }) => id === segment[1 + n * 2]);
    const selected = segment[2 + n * 2]!;
    const [dc, ac] = [tables.get(selected >> 4), tables.get(0x10 | (selected & 15))];
    if (component === undefined || dc === undefined || ac === undefined) return null;
    const times = count === 1 ? 1 : component.across * component.down;
    for (let block = 0; block < times; block += 1) blocks.push({ dc, ac });
    const [across, down] = count === 1 ? [component.across, component.down] : [most('across'), most('down')];
    const side = (pixels: number, own: number, all: number) =>
      Math.ceil(count === 1 ? Math.ceil((pixels * own) / all) / 8 : pixels / (8 * all));
    units = side(frame.width, across, most('across')) * side(frame.height, down, most('down'));
  }
  return { blocks, units };
}

/** Behind the scan's last interval, or what is wrong with it. */
function endOfScan(jpeg: Buffer, from: number, scan: Scan, interval: number): number | string {
  let at = from;
  for (let done = 0; done < scan.units; ) {
    const units = interval === 0 ? scan.units : Math.min(interval, scan.units - done);
    const end = endOfInterval(jpeg, at);
    const wrong = readInterval(withoutStuffing(jpeg, at, end), scan.blocks, units);
    if (wrong !== null) return wrong;
    done += units;
    const isRestart = jpeg[end + 1]! >= 0xd0 && jpeg[end + 1]! <= 0xd7;
    if (done < scan.units && !isRestart) return 'a restart marker is missing';
    at = isRestart ? end + 2 : end;
  }
  return at;
}

/** The next marker: 0xFF with neither the 0 of stuffing nor another 0xFF behind it. */
function endOfInterval(jpeg: Buffer, from: number): number {
  let at = jpeg.indexOf(0xff, from);
  while (at !== -1 && (jpeg[at + 1] === 0x00 || jpeg[at + 1] === 0xff)) {
    at = jpeg.indexOf(0xff, jpeg[at + 1] === 0x00 ? at + 2 : at + 1);
  }
  return at === -1 ? jpeg.length : at;
}

function withoutStuffing(jpeg: Buffer, from: number, to: number): Buffer {
  // Room for what is read ahead of the end.
  const bytes = Buffer.alloc(to - from + 4);
  let length = 0;
  for (let at = from; at < to; ) {
    const next = jpeg.indexOf(0xff, at);
    const end = next === -1 || next >= to ? to : next + 1;
    length += jpeg.copy(bytes, length, at, end);
    at = jpeg[end - 1] === 0xff && jpeg[end] === 0x00 ? end + 1 : end;
  }
  return bytes.subarray(0, length + 4);
}

/** Reads the codes of `units` MCUs. `bytes` has four more at its end than belong to it. */
function readInterval(bytes: Buffer, blocks: Scan['blocks'], units: number): string | null {
  const bits = (bytes.length - 4) * 8;
  let at = 0;
  // The 16 bits from `at` on.
  const peek = () => {
    const byte = at >> 3;
    return (((bytes[byte]! << 16) | (bytes[byte + 1]! << 8) | bytes[byte + 2]!) >> (8 - (at & 7))) & 0xffff;
  };
  for (let unit = 0; unit < units; unit += 1) {
    for (const { dc, ac } of blocks) {
      const first = dc[peek()]!;
      if (first === 0) return 'a code that no table has';
      at += (first & 31) + (first >> 5);
      for (let k = 1; k < 64; k += 1) {
        if (at > bits) return 'a scan that ends too early';
        const found = ac[peek()]!;
        if (found === 0) return 'a code that no table has';
        const [run, size] = [found >> 9, (found >> 5) & 15];
        at += (found & 31) + size;
        if (size === 0 && run !== 15) break;
        k += run;
        if (k > 63) return 'a block of more than 64 values';
      }
      if (at > bits) return 'a scan that ends too early';
    }
  }
  const rest = bytes.subarray(Math.ceil(at / 8), bytes.length - 4);
  // Some cameras fill up with one and the same byte.
  return rest.every((byte) => byte === rest[0])
    ? null
    : `${rest.length} bytes behind the last block of a scan`;
}
