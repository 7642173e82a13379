import * as z from 'zod';

const countsForm = z.object({ counts: z.record(z.string(), z.number()) });
const requestsForm = z.object({ requests: z.array(z.object({ at: z.number(), step: z.string() })) });
const statesForm = z.record(
  z.string(),
  z.object({ simultaneousRing: z.object({ contact: z.string().optional() }).optional() }),
);

export type RequestCounts = Readonly<Record<string, number>>;

/** The UCWA simulator, which runs in another process, by its control API. */
export class Simulator {
  readonly #origin: string;

  constructor(discoveryUrl: string) {
    this.#origin = new URL(discoveryUrl).origin;
  }

  /** Forgets the requests so far, and counts those that a piece of work makes. */
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
    return countsForm.parse(await this.#call('GET', '/control/requests')).counts;
  }

  /** When the requests came in, in milliseconds of the epoch, the oldest first. */
  async times(): Promise<readonly number[]> {
    const { requests } = requestsForm.parse(await this.#call('GET', '/control/requests?list=true'));
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

  /** Whom each person's calls ring besides, by SIP address. */
  async contacts(): Promise<ReadonlyMap<string, string | undefined>> {
    const states = statesForm.parse(await this.#call('GET', '/control/states'));
    return new Map(Object.entries(states).map(([sip, state]) => [sip, state.simultaneousRing?.contact]));
  }

  async #call(method: string, path: string, body?: object): Promise<unknown> {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${this.#origin}${path}`, { method, ...content });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}
