import type { Line } from '../text-lines.ts';

/** One record of a CSV text, or what is wrong with its line; `number` is that of its first line. */
export type CsvRecord =
  | { number: number; fields: string[] }
  | { number: number; problem: string; text: string };

/** A quoted field may have line ends in it; so many that a quote was more likely left open are none. */
const mostLinesOfRecord = 1000;

export interface CsvDialect {
  delimiter: ',' | '\t';
  /** A record whose quotes cannot be right has quotes that mean nothing: many who write TSV do not quote. */
  quotesMayBePlain: boolean;
  /** Characters of a record. */
  maxLength: number;
}

/**
 * Reads records of RFC 4180 from lines, as they come. The first record that is whole says how many fields the others
 * have. A quote that is not at the start of a field is a character like others. Line ends in a quoted field become LF.
 *
 * A record that is not right costs its first line alone: reading goes on with the line after it, so that a quote
 * that is never closed does not take the rest of the file with it.
 */
export class CsvReader {
  readonly #dialect: CsvDialect;
  /** Fields of a record, once that is known. */
  #width: number | null = null;
  /** Of a record whose last quoted field is still open. */
  #open: Line[] = [];
  #openLength = 0;
  #fields: string[] = [];
  #field = '';

  constructor(dialect: CsvDialect) {
    this.#dialect = dialect;
  }

  /** The records that end within these lines. */
  read(lines: Line[]): CsvRecord[] {
    const records: CsvRecord[] = [];
    for (const line of lines) this.#line(line, records);
    return records;
  }

  /** What is left when there are no more lines. */
  end(): CsvRecord[] {
    const records: CsvRecord[] = [];
    while (this.#open.length > 0) this.#fail('a quote that is not closed', records);
    return records;
  }

  #line(line: Line, records: CsvRecord[]): void {
    const { delimiter, maxLength } = this.#dialect;
    const isFirst = this.#open.length === 0;
    if (isFirst && line.text === '') return;
    this.#open.push(line);
    this.#openLength += line.text.length + 1;
    if (line.cut || this.#openLength > maxLength) {
      this.#fail(`longer than ${maxLength} characters`, records);
    } else if (isFirst && !line.text.includes('"')) {
      this.#finish(line.text.split(delimiter), records);
    } else {
      const end = this.#scan(line.text, !isFirst);
      if (end === 'record') this.#finish(this.#fields, records);
      else if (end !== 'open') this.#fail(end.problem, records);
      else if (this.#isTooLong()) this.#fail('a quote that is not closed', records);
    }
  }

  #isTooLong(): boolean {
    const hasAllFields = this.#width !== null && this.#fields.length >= this.#width;
    return hasAllFields || this.#open.length >= mostLinesOfRecord;
  }

  /** Adds the fields of one line. Says what it ends: the record, or nothing, for a quoted field is still open. */
  #scan(text: string, isOpen: boolean): 'record' | 'open' | { problem: string } {
    const { delimiter } = this.#dialect;
    let at = 0;
    let quoted = isOpen;
    if (quoted) this.#field += '\n';
    for (;;) {
      if (!quoted && text[at] === '"') {
        quoted = true;
        at += 1;
      }
      if (!quoted) {
        const end = text.indexOf(delimiter, at);
        if (end < 0) {
          this.#fields.push(text.slice(at));
          return 'record';
        }
        this.#fields.push(text.slice(at, end));
        at = end + 1;
        continue;
      }
      const quote = text.indexOf('"', at);
      if (quote < 0) {
        this.#field += text.slice(at);
        return 'open';
      }
      this.#field += text.slice(at, quote);
      at = quote + 1;
      const next = text[at];
      if (next === '"') {
        this.#field += '"';
        at += 1;
        continue;
      }
      if (next !== undefined && next !== delimiter) {
        return { problem: 'text after a closing quote' };
      }
      this.#fields.push(this.#field);
      this.#field = '';
      quoted = false;
      if (next === undefined) return 'record';
      at += 1;
    }
  }

  #finish(fields: string[], records: CsvRecord[]): void {
    this.#width ??= fields.length;
    if (fields.length === this.#width) {
      records.push({ number: this.#open[0]!.number, fields });
      this.#reset();
    } else {
      const unit = fields.length === 1 ? 'field' : 'fields';
      this.#fail(`${fields.length} ${unit}, and the first line has ${this.#width}`, records);
    }
  }

  /** Gives up the first line, and reads the others that were taken for its record again. */
  #fail(problem: string, records: CsvRecord[]): void {
    const [first, ...rest] = this.#open;
    this.#reset();
    const { number, text, cut } = first!;
    const plain = this.#dialect.quotesMayBePlain && !cut ? text.split(this.#dialect.delimiter) : [];
    if (plain.length === this.#width) records.push({ number, fields: plain });
    else records.push({ number, problem, text });
    for (const line of rest) this.#line(line, records);
  }

  #reset(): void {
    this.#open = [];
    this.#openLength = 0;
    this.#fields = [];
    this.#field = '';
  }
}
