import type { IncomingMessage, ServerResponse } from 'node:http';
import { Counters } from './counters.ts';
import { BadArgument, type FaultCall, wholeNumber } from './faults/fault.ts';
import { faults } from './faults/faults.ts';
import { validatorKinds } from './faults/validators.ts';
import type { Samples } from './samples.ts';
import { sendText } from './send-text.ts';
import { sampleSizer } from './sized-samples.ts';

/** Larger pictures are `/fault/large`'s, which holds no copy of them. */
const longestSample = 64 * 1024 * 1024;

/** Answers `/fault/NAME[/ARGUMENT...]/anything.jpg`; 404 for a name that there is not, 400 for a bad argument. */
export function faultServer(
  samples: Samples,
): (request: IncomingMessage, response: ServerResponse, address: URL) => void {
  const counters = new Counters();
  const sized = sampleSizer(samples);
  return (request, response, address) => {
    const [name = '', ...args] = address.pathname.split('/').slice(2);
    if (args.at(-1)?.includes('.')) args.pop();
    const fault = Object.hasOwn(faults, name) ? faults[name] : undefined;
    const say = (status: number, text: string) => sendText(response, status, `${text}\n`);
    if (fault === undefined) {
      say(404, `there is no fault of this name; there are ${Object.keys(faults).join(', ')}`);
      return;
    }
    try {
      const call: FaultCall = {
        request,
        response,
        socket: request.socket,
        args: args.filter((arg) => arg !== ''),
        query: address.searchParams,
        url: address.origin,
        path: address.pathname,
        seen: counters.next(address.pathname + address.search),
        ...wishes(address.searchParams, samples.jpeg.length, sized),
      };
      fault(call);
    } catch (error) {
      // Also what Node refuses to send as a header, and a length that no sample has.
      if (!(error instanceof BadArgument || error instanceof TypeError || error instanceof RangeError)) {
        throw error;
      }
      if (!response.headersSent) say(400, error.message);
    }
  };
}

/** What the query wishes of the picture that is served. */
function wishes(
  query: URLSearchParams,
  usualBytes: number,
  sized: (length: number) => Samples,
): Pick<FaultCall, 'samples' | 'validator' | 'breakAt'> {
  const samples = sized(wholeNumber(query.get('bytes'), usualBytes, longestSample));
  const { length } = samples.jpeg;
  const validator = query.get('validator') ?? 'both';
  if (!validatorKinds.includes(validator)) {
    throw new BadArgument(`'${validator}' is not one of ${validatorKinds.join(', ')}`);
  }
  return { samples, validator, breakAt: wholeNumber(query.get('at'), length >> 1, length) };
}
