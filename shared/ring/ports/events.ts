/** What happens, for those who operate it: an event's name and its fields, none of them a secret or a number. */
export interface RingEvent {
  readonly event: string;
  readonly level: 'info' | 'warn' | 'error';
  readonly correlationId?: string;
  readonly user?: string;
  readonly batch?: string;
  readonly part?: number;
  readonly [field: string]: string | number | boolean | readonly string[] | undefined;
}

export type Log = (event: RingEvent) => void;
