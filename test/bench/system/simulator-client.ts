import * as z from 'zod';
import type { CallForwardingState, SimulatedUser } from '../../../infra/local/ucwa-simulator/types.ts';

const countsSchema = z.object({ counts: z.record(z.string(), z.number()) });
const requestsSchema = z.object({ requests: z.array(z.object({ at: z.number(), step: z.string() })) });
const contact = z.string().exactOptional();
const statesSchema = z.record(
  z.string(),
  z.object({
    activePeriod: z.enum(['Always', 'Workhours']),
    activeSetting: z.enum(['None', 'ImmediateForward', 'SimultaneousRing']),
    immediateForward: z.object({ target: z.enum(['None', 'Contact', 'Delegates', 'Voicemail']), contact }),
    simultaneousRing: z.object({
      target: z.enum(['None', 'Contact', 'Delegates', 'Team']),
      ringDelay: z.number(),
      contact,
    }),
    unanswered: z.object({
      target: z.enum(['None', 'Contact', 'Voicemail']),
      ringDelay: z.number(),
      contact,
    }),
  }),
);

export type RequestCounts = Readonly<Record<string, number>>;

/** A client of the control API of the UCWA simulator, which runs in another process. */
export class SimulatorClient {
  readonly #origin: string;

  constructor(discoveryUrl: string) {
    this.#origin = new URL(discoveryUrl).origin;
  }

  /** Clears the recorded requests, runs some work, and returns how many requests it sent. */
  async countDuring(work: () => Promise<unknown>): Promise<{ total: number; byStep: RequestCounts }> {
    await this.clearRequests();
    await work();
    const byStep = await this.counts();
    return { total: Object.values(byStep).reduce((sum, count) => sum + count, 0), byStep };
  }

  async clearRequests(): Promise<void> {
    await this.#call('DELETE', '/control/requests');
  }

  async counts(): Promise<RequestCounts> {
    return countsSchema.parse(await this.#call('GET', '/control/requests')).counts;
  }

  /** Returns when the requests arrived, in milliseconds since the epoch, the oldest first. */
  async times(): Promise<readonly number[]> {
    const { requests } = requestsSchema.parse(await this.#call('GET', '/control/requests?list=true'));
    return requests.map(({ at }) => at);
  }

  async setLatency(ms: number): Promise<void> {
    await this.#call('POST', '/control/latency', { ms });
  }

  async fail(fault: object): Promise<void> {
    await this.#call('POST', '/control/faults', fault);
  }

  async clearFaults(): Promise<void> {
    await this.#call('DELETE', '/control/faults');
  }

  /** Adds users, or replaces those with a known address. */
  async addUsers(users: readonly SimulatedUser[]): Promise<void> {
    await this.#call('POST', '/control/users', { users });
  }

  /** Returns the settings of every user, by SIP address. */
  async states(): Promise<ReadonlyMap<string, CallForwardingState>> {
    return new Map(Object.entries(statesSchema.parse(await this.#call('GET', '/control/states'))));
  }

  async #call(method: string, path: string, body?: object): Promise<unknown> {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${this.#origin}${path}`, { method, ...content });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} returned ${response.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}
