import fc from 'fast-check';
import { ListingError, UsageError } from '../../../src/core/errors.ts';
import type { RunSpec } from '../../../src/core/run-spec.ts';
import { bytesOf, itemsOfInput, testContext } from '../../sources/support.ts';
import { textsNear } from '../mutations.ts';
import { expectItem } from '../shapes.ts';
import { allowingAsync, target } from '../target.ts';

const [one, two] = ['https://a.example/1.jpg', 'https://user:secret@b.example/2.png'];
const texts = [
  `url,caption,size\n${one},"A boat, ""calm""",3\n${two},"two\nlines",4\n,,\n`,
  `\ufeffurl\tcaption\r\n${one}\t"plain" quotes\r\n${two}\t"open\r\n`,
  `{"url":"${one}","caption":"x","n":12345678901234567890,"list":[{"a":1}]}\n{"url":"${two}","#item":{"key":"k"}}\n{}\n`,
];

async function expectItems(spec: Partial<RunSpec>, stdin: AsyncIterable<Uint8Array>) {
  const context = testContext(spec, { environment: {}, stdin });
  let index = 0;
  await allowingAsync([ListingError, UsageError], async () => {
    for await (const item of itemsOfInput('-', context)) {
      index += 1;
      expectItem(item, { index });
      // It has to cross borders as it is.
      structuredClone(item);
      JSON.stringify(item);
    }
  });
}

const table = target<{ text: string; format: 'csv' | 'tsv' | 'jsonl' }>({
  name: 'table of text',
  weight: 20,
  open: () => ({
    inputs: fc.record({
      text: textsNear(texts, ['"', '""', '\n"', '","', '{"url":', '['.repeat(5000), 'x'.repeat(2_000_000)]),
      format: fc.constantFrom('csv', 'tsv', 'jsonl'),
    }),
    check: ({ text, format }) => expectItems({ inputFormat: format }, bytesOf(text)),
  }),
});

export const tableTargets = [table];
