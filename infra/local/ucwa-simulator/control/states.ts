import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CallForwardingState } from '../types.ts';
import type { ControlledSimulator } from './controlled-simulator.ts';

/** Number of users in one chunk of the body. */
const usersPerChunk = 500;

/** Sends the settings of all users as one JSON object from SIP address to state, in chunks. */
export function sendStates(simulator: Pick<ControlledSimulator, 'states'>, response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  // A client that disconnects early needs no response.
  pipeline(Readable.from(chunksOf(simulator.states())), response).catch(() => undefined);
}

function* chunksOf(states: Iterable<[sip: string, state: CallForwardingState]>): Generator<string> {
  let chunk = '{';
  let count = 0;
  for (const [sip, state] of states) {
    chunk += `${count === 0 ? '' : ','}${JSON.stringify(sip)}:${JSON.stringify(state)}`;
    count += 1;
    if (count % usersPerChunk > 0) continue;
    yield chunk;
    chunk = '';
  }
  yield `${chunk}}`;
}
