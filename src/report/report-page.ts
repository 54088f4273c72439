import { formatBytes } from '../core/units.ts';
import { figure, htmlPage, prose } from '../drawing/page.ts';
import { escapeText } from '../drawing/svg.ts';
import { duration, things, whole } from '../drawing/wording.ts';
import { reportGenerator } from '../journal/report-file.ts';
import { type ContactPicture, colourOf } from './contact-sheet.ts';
import type { DirectoryReport, ReasonCount, SizeBin, SpeedReport } from './directory-report.ts';
import { type Cell, reportTable } from './report-table.ts';
import { type ChartRow, rowChart } from './row-chart.ts';
import { shownAddress, shownMessage } from './shown-text.ts';
import { speedChart } from './speed-chart.ts';

export interface PageContext {
  /** What the directory is called. */
  name: string;
  pictures: readonly ContactPicture[];
  /** From the page to the directory, ending with `/`; null where nothing is to be linked. */
  base: string | null;
}

const ownStyle = `
.sheet{display:grid;grid-template-columns:repeat(auto-fill,minmax(88px,1fr));gap:6px;margin-top:16px}
.sheet>*{aspect-ratio:1;background:var(--lane);border-radius:4px;overflow:hidden;display:block}
.sheet .none{border:1px dashed var(--muted)}
.sheet img{display:block;width:100%;height:100%;object-fit:contain}
h3{margin:22px 0 2px;font-size:16px;font-weight:650}
ul{margin:6px 0 0;padding:0;list-style:none;font-size:14px}
li{padding:3px 0;overflow-wrap:anywhere}
li .muted{color:var(--muted)}
.scroll td,.scroll tbody th{max-width:26em;overflow:hidden;text-overflow:ellipsis}
`;

/** A report as one HTML page, as `htmlPage` makes them. The same report and pictures give the same bytes. */
export function reportPage(report: DirectoryReport, context: PageContext): string {
  const { name, pictures, base } = context;
  const title = headline(report);
  const sheet = contactSheet(pictures, base, report.saved + report.changed);
  const parts = [
    `<header>
<p class="eyebrow">${escapeText(`Gallop report on ${name}`)}</p>
<h1>${escapeText(title)}</h1>
<p class="lede">${prose(summary(report))}</p>
</header>`,
    sheet.markup,
    section('How they ended', whenText(report), chart('How they ended', outcomeRows(report))),
    reasons('Why items failed', report.failures, 'failed'),
    reasons('Why items were left out', report.skips, 'stage'),
    speed(report.speed),
    histogram('Sizes of the files', report.sizes, (bytes) => formatBytes(bytes).replace(/\.0+ /, ' ')),
    histogram('Larger sides of the pictures, in pixels', report.pixels, whole),
    formats(report),
    hosts(report),
    duplicates(report),
  ];
  return htmlPage({
    title: `${title} - ${name} - Gallop report`,
    body: parts.filter((part) => part !== '').join('\n'),
    style: ownStyle + sheet.style,
    hasPictures: true,
    generator: reportGenerator,
  });
}

function headline({ items, saved, changed, isRunning }: DirectoryReport): string {
  if (items === 0) return 'Nothing was asked for yet';
  const there = saved + changed;
  if (there === items) return `All ${things(items, 'item')} saved`;
  return `${whole(there)} of ${things(items, 'item')} saved${isRunning ? ' so far' : ''}`;
}

function summary({ bytes, receivedBytes, failed, skipped, open, speed, isRunning }: DirectoryReport): string {
  const said = [`${formatBytes(bytes)} in files`];
  if (receivedBytes !== bytes) said.push(`made of ${formatBytes(receivedBytes)} received`);
  if (failed > 0) said.push(`${whole(failed)} failed`);
  if (skipped > 0) said.push(`${whole(skipped)} left out`);
  if (open > 0) said.push(`${whole(open)} ${isRunning ? 'still to come' : 'not finished'}`);
  if (speed?.itemsPerSecond != null) {
    said.push(`${rate(speed.itemsPerSecond)} a second over ${duration(speed.busySeconds!)}`);
  }
  return `${said.join(', ')}.`;
}

const rate = (value: number): string => (value >= 99.5 ? whole(Math.round(value)) : value.toPrecision(2));

const minute = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

function whenText({ when, isRunning, speed }: DirectoryReport): string {
  const now = isRunning
    ? `A run is under way; this is its journal as of ${minute(when)}`
    : `As of ${minute(when)}`;
  if (speed === null) return `${now}.`;
  return `${now}. The first was saved ${minute(speed.first)}, the last ${minute(speed.last)}.`;
}

function outcomeRows({ saved, changed, failed, skipped, open, isRunning }: DirectoryReport): ChartRow[] {
  const rows = [
    { name: 'saved', value: saved, colour: 'winner' },
    { name: 'changed since', value: changed, colour: 'firstByte' },
    { name: 'failed', value: failed, colour: 'failed' },
    { name: 'left out', value: skipped, colour: 'stage' },
    { name: isRunning ? 'still to come' : 'not finished', value: open, colour: 'bar' },
  ];
  return rows.filter(({ value }) => value > 0).map((row) => ({ ...row, text: whole(row.value) }));
}

const section = (title: string, note: string, content: string): string =>
  `<section>\n<h2>${escapeText(title)}</h2>\n${note === '' ? '' : `<p class="note">${escapeText(note)}</p>\n`}${content}\n</section>`;

const chart = (title: string, rows: ChartRow[]): string =>
  rows.length === 0
    ? ''
    : figure(`${title}: ${rows.map(({ name, text }) => `${name} ${text}`).join(', ')}`, (width) =>
        rowChart(rows, width),
      );

function reasons(title: string, counts: readonly ReasonCount[], colour: string): string {
  if (counts.length === 0) return '';
  const rows = counts.map(({ code, items }) => ({
    name: code,
    value: items,
    text: whole(items),
    colour,
  }));
  const details = counts.map(({ code, hint, examples }) => {
    const shown = examples.map(({ url, message }) => {
      const why = message === null ? '' : ` <span class="muted">${escapeText(shownMessage(message))}</span>`;
      return `<li>${escapeText(shownAddress(url))}${why}</li>`;
    });
    const help = hint === null ? '' : `<p class="note">${escapeText(hint)}</p>\n`;
    return `<h3>${escapeText(code)}</h3>\n${help}<ul>\n${shown.join('\n')}\n</ul>`;
  });
  return section(title, '', [chart(title, rows), ...details].join('\n'));
}

function speed(found: SpeedReport | null): string {
  if (found === null || found.itemsPerSecond === null) return '';
  const pauses = found.sessions.length - 1;
  const note =
    pauses === 0
      ? `Items and bytes a second, by when they were saved.`
      : `Items and bytes a second, by when they were saved; ${things(pauses, 'long pause')} left out.`;
  const of =
    (values: (session: SpeedReport['sessions'][number]) => number[], tick: (n: number) => string) =>
    (width: number) =>
      speedChart(found, { width, values, tick, colour: 'body' });
  const items = figure(
    'Items a second',
    of(
      (session) => session.items,
      (n) => `${Number(n.toPrecision(3)).toLocaleString('en-US')}/s`,
    ),
  );
  const bytes = figure(
    'Bytes a second',
    of(
      (session) => session.bytes,
      (n) => `${formatBytes(n)}/s`,
    ),
  );
  return section('How fast it went', note, `${items}\n${bytes}`);
}

function histogram(title: string, bins: readonly SizeBin[], text: (value: number) => string): string {
  if (bins.length === 0) return '';
  const nameOf = ({ from, below }: SizeBin) => {
    if (below === null) return `${text(from)} and more`;
    return from === 0 ? `below ${text(below)}` : `from ${text(from)}`;
  };
  const rows = bins.map((bin) => ({ name: nameOf(bin), value: bin.files, text: whole(bin.files) }));
  return section(title, '', chart(title, rows));
}

function formats({ formats: found }: DirectoryReport): string {
  if (found.length === 0) return '';
  const rows = found.map(({ mime, files, bytes }): Cell[] => [
    mime ?? 'not known',
    whole(files),
    formatBytes(bytes),
  ]);
  return section('Formats', '', reportTable(['Format', 'Files', 'Bytes'], rows));
}

function hosts({ topHosts, hosts: count, otherHosts }: DirectoryReport): string {
  if (count === 0) return '';
  const perSecond = (value: number | null, text: (value: number) => string) =>
    value === null ? '' : `${text(value)}/s`;
  const cells = (name: string, host: Omit<(typeof topHosts)[number], 'host'>): Cell[] => [
    name,
    whole(host.saved),
    whole(host.failed),
    whole(host.skipped),
    formatBytes(host.bytes),
    perSecond(host.itemsPerSecond, rate),
    perSecond(host.bytesPerSecond, formatBytes),
  ];
  const rows = topHosts.map((host) => cells(host.host === '' ? 'no address' : host.host, host));
  if (otherHosts !== null) rows.push(cells(`${whole(count - topHosts.length)} others`, otherHosts));
  const heads = ['Host', 'Saved', 'Failed', 'Left out', 'Bytes received', 'Items', 'Rate'];
  return section(
    'Hosts',
    `${things(count, 'host')}; rates while anything came from it.`,
    reportTable(heads, rows),
  );
}

function duplicates({ duplicates: found }: DirectoryReport): string {
  const { sets, files, spareBytes, largest, leftOut } = found;
  if (sets === 0 && leftOut.length === 0) return '';
  const stored = largest.map((set): Cell[] => [
    set.paths.join(', '),
    whole(set.files),
    formatBytes(set.bytes),
  ]);
  const skipped = leftOut.map(({ of, items }): Cell[] => [shownAddress(of), whole(items)]);
  return section(
    'Duplicates',
    sets === 0
      ? ''
      : `${whole(files)} of the stored files are in ${things(sets, 'set')} of the same bytes; one of each would take ${formatBytes(spareBytes)} less.`,
    [
      sets === 0 ? '' : reportTable(['Such as', 'Files', 'Bytes each'], stored),
      leftOut.length === 0 ? '' : reportTable(['Kept once', 'Left out as the same'], skipped),
    ].join('\n'),
  );
}

/** Frames as large as their neighbours, with the colour of a BlurHash where there is one. */
/** `files` are those that the pictures were chosen from. */
function contactSheet(pictures: readonly ContactPicture[], base: string | null, files: number) {
  if (pictures.length === 0) return { markup: '', style: '' };
  const rules: string[] = [];
  const frames = pictures.map(({ path, isFile, width, height, address, blurhash }, n) => {
    const colour = colourOf(blurhash);
    if (colour !== null) rules.push(`.sheet .f${n}{background:${colour}}`);
    const size = width === null || height === null ? '' : `, ${width} × ${height}`;
    const said = escapeText(`${path}${size}`);
    const kind = `${address === null ? 'none ' : ''}f${n}`;
    if (address === null) return `<span class="${kind}" title="${said}"></span>`;
    const image = `<img src="${escapeText(address)}" alt="${said}" title="${said}">`;
    if (base === null || !isFile) return `<span class="${kind}">${image}</span>`;
    const link = base + path.toWellFormed().split('/').map(encodeURIComponent).join('/');
    return `<a class="${kind}" href="${escapeText(link)}">${image}</a>`;
  });
  const broken = pictures.filter(({ address }) => address === null).length;
  const chosen = pictures.length < files ? ', evenly chosen' : '';
  const missing = broken === 0 ? '' : `; ${whole(broken)} could not be shown`;
  const note = `${things(pictures.length, 'picture')}${chosen}${missing}.`;
  return {
    markup: section('A look at it', note, `<div class="sheet">\n${frames.join('\n')}\n</div>`),
    style: rules.join('\n'),
  };
}
