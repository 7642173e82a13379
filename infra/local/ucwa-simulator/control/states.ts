import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CallForwardingState } from '../types.ts';

/** As many users as go into one piece of the body. */
const usersAtOnce = 500;

/** Sends the settings of all users as one JSON object, SIP address to state, piece by piece. */
export function sendStates(
  simulator: { states(): Iterable<[sip: string, state: CallForwardingState]> },
  response: ServerResponse,
): void {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  // A reader that goes away early is its own affair.
  pipeline(Readable.from(piecesOf(simulator.states())), response).catch(() => undefined);
}

function* piecesOf(states: Iterable<[sip: string, state: CallForwardingState]>): Generator<string> {
  let piece = '{';
  let count = 0;
  for (const [sip, state] of states) {
    piece += `${count === 0 ? '' : ','}${JSON.stringify(sip)}:${JSON.stringify(state)}`;
    count += 1;
    if (count % usersAtOnce > 0) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}}`;
}
