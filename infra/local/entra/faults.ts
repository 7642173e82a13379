/** The endpoints whose requests are counted and can fail. */
export type EntraEndpoint = 'metadata' | 'keys' | 'authorize' | 'token';

/** A failure on demand: an error status, a request without a response, or a broken connection. */
export type EntraFault = {
  readonly endpoint: EntraEndpoint;
  readonly answer: 'hang' | 'reset' | { readonly status: number; readonly error?: string };
};

/** Counts requests by endpoint and holds the active faults. */
export class EntraTraffic {
  readonly #counts = new Map<EntraEndpoint, number>();
  #faults: readonly EntraFault[] = [];

  count(endpoint: EntraEndpoint): number {
    return this.#counts.get(endpoint) ?? 0;
  }

  fail(fault: EntraFault): void {
    this.#faults = [...this.#faults, fault];
  }

  clearFaults(): void {
    this.#faults = [];
  }

  /** Counts a request and returns its fault. */
  record(endpoint: EntraEndpoint): EntraFault['answer'] | undefined {
    this.#counts.set(endpoint, this.count(endpoint) + 1);
    return this.#faults.find((fault) => fault.endpoint === endpoint)?.answer;
  }
}
