import type { RingTarget } from '../../ucwa/uri.ts';

/** What a request wants of a person's simultaneous ring. */
export type DesiredRing =
  | { readonly ring: 'contact'; readonly target: RingTarget }
  | { readonly ring: 'delegates' | 'team'; readonly ringDelaySeconds?: number }
  | { readonly ring: 'off' };

/** All that is set for a person, as GET tells it and `previous` remembers it; a property is there only where it holds. */
export interface RingState {
  readonly ring: DesiredRing['ring'];
  readonly target?: string;
  readonly ringDelaySeconds?: number;
  /** Calls go there at once; UCWA knows one active setting, so `ring` is then off. */
  readonly forwarding?: { readonly target?: string };
  /** A target of the person's own for calls that nobody answers. */
  readonly unanswered?: { readonly target?: string; readonly ringDelaySeconds?: number };
  readonly activePeriod?: 'workhours';
}
