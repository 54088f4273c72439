import type { IncomingMessage, ServerResponse } from 'node:http';
import { Counters } from './counters.ts';
import { BadArgument, type FaultCall } from './faults/fault.ts';
import { faults } from './faults/faults.ts';
import type { Samples } from './samples.ts';
import { sendText } from './send-text.ts';

/** Answers `/fault/NAME[/ARGUMENT...]/anything.jpg`; 404 for a name that there is not, 400 for a bad argument. */
export function faultServer(
  samples: Samples,
): (request: IncomingMessage, response: ServerResponse, address: URL) => void {
  const counters = new Counters();
  return (request, response, address) => {
    const [name = '', ...args] = address.pathname.split('/').slice(2);
    if (args.at(-1)?.includes('.')) args.pop();
    const fault = Object.hasOwn(faults, name) ? faults[name] : undefined;
    const say = (status: number, text: string) => sendText(response, status, `${text}\n`);
    if (fault === undefined) {
      say(404, `there is no fault of this name; there are ${Object.keys(faults).join(', ')}`);
      return;
    }
    const call: FaultCall = {
      request,
      response,
      socket: request.socket,
      args: args.filter((arg) => arg !== ''),
      query: address.searchParams,
      url: address.origin,
      path: address.pathname,
      seen: counters.next(address.pathname + address.search),
      samples,
    };
    try {
      fault(call);
    } catch (error) {
      // Also what Node refuses to send as a header.
      if (!(error instanceof BadArgument || error instanceof TypeError)) throw error;
      if (!response.headersSent) say(400, error.message);
    }
  };
}
