import type { InApplication } from '../exchange/exchange.ts';
import { applicationHref } from '../exchange/links.ts';
import * as paths from '../exchange/paths.ts';
import type { UserRecord } from '../state/users.ts';
import type { CallForwardingState } from '../types.ts';
import { type Representation, represent } from './representation.ts';

/** Ids of people begin after the one that stands for nobody. */
const nobody = 160;

/** Call forwarding as a whole, its three parts embedded or linked. */
export function settingsRepresentation(exchange: InApplication, state: CallForwardingState): Representation {
  const { variants } = exchange.world.configuration;
  const href = (resource: string) => applicationHref(exchange, exchange.application, resource);
  const own = {
    self: href(paths.callForwardingSettings),
    turnOffCallForwarding: href(paths.turnOffCallForwarding),
  };
  const parts = {
    immediateForwardSettings: href(paths.immediateForwardSettings),
    simultaneousRingSettings: href(paths.simultaneousRingSettings),
    unansweredCallSettings: href(paths.unansweredCallSettings),
  };
  const linked = variants.settings === 'linked';
  return represent(
    {
      rel: 'callForwardingSettings',
      properties: {
        activePeriod: state.activePeriod,
        activeSetting: state.activeSetting,
        unansweredCallHandling: unansweredCallHandling(state),
        ...etagProperty(exchange),
      },
      links: linked ? { ...own, ...parts } : own,
      ...(linked ? {} : { embedded: embeddedParts(exchange, state) }),
    },
    variants,
  );
}

export function immediateForwardRepresentation(
  exchange: InApplication,
  state: CallForwardingState,
): Representation {
  const { target, contact } = state.immediateForward;
  const operations = [
    'immediateForwardToContact',
    'immediateForwardToDelegates',
    'immediateForwardToVoicemail',
  ];
  const links = partLinks(exchange, paths.immediateForwardSettings, contact, operations);
  const properties = { target, ...etagProperty(exchange) };
  return represent(
    { rel: 'immediateForwardSettings', properties, links },
    exchange.world.configuration.variants,
  );
}

export function simultaneousRingRepresentation(
  exchange: InApplication,
  state: CallForwardingState,
): Representation {
  const { target, ringDelay, contact } = state.simultaneousRing;
  const operations =
    exchange.user.profile.simultaneousRing === false
      ? []
      : ['simultaneousRingToContact', 'simultaneousRingToDelegates', 'simultaneousRingToTeam'];
  const links = partLinks(exchange, paths.simultaneousRingSettings, contact, operations);
  const properties = { ringDelay, target, ...etagProperty(exchange) };
  return represent(
    { rel: 'simultaneousRingSettings', properties, links },
    exchange.world.configuration.variants,
  );
}

export function unansweredCallRepresentation(
  exchange: InApplication,
  state: CallForwardingState,
): Representation {
  const { target, ringDelay, contact } = state.unanswered;
  const operations = ['resetUnansweredCallSettings', 'unansweredCallToContact', 'unansweredCallToVoicemail'];
  const links = partLinks(exchange, paths.unansweredCallSettings, contact, operations);
  const properties = { ringDelay, target, ...etagProperty(exchange) };
  return represent(
    { rel: 'unansweredCallSettings', properties, links },
    exchange.world.configuration.variants,
  );
}

/** What `If-Match` must say to change a person's settings. */
export function etagOf(user: UserRecord): string {
  return `${user.index.toString(16).padStart(8, '0')}-${user.version.toString(16).padStart(12, '0')}`;
}

/** The URI that a person's id stands for; nothing for an id never given, or given for nobody. */
export function personOf(exchange: InApplication, id: string): string | undefined {
  return exchange.application.people[Number(id) - nobody - 1];
}

function embeddedParts(exchange: InApplication, state: CallForwardingState): Record<string, Representation> {
  return {
    immediateForwardSettings: immediateForwardRepresentation(exchange, state),
    simultaneousRingSettings: simultaneousRingRepresentation(exchange, state),
    unansweredCallSettings: unansweredCallRepresentation(exchange, state),
  };
}

/** Every part links a contact, even where none is set. */
function partLinks(
  exchange: InApplication,
  part: string,
  contact: string | undefined,
  operations: readonly string[],
): Record<string, string> {
  const href = (resource: string) => applicationHref(exchange, exchange.application, resource);
  const links: Record<string, string> = {
    self: href(part),
    contact: href(paths.people + idOf(exchange.application.people, contact)),
  };
  for (const operation of operations) links[operation] = href(`${part}/${operation}`);
  return links;
}

function idOf(people: string[], uri: string | undefined): number {
  if (uri === undefined) return nobody;
  const known = people.indexOf(uri);
  const place = known < 0 ? people.push(uri) : known + 1;
  return nobody + place;
}

function etagProperty(exchange: InApplication): { etag?: string } {
  return exchange.world.configuration.variants.etag === 'property' ? { etag: etagOf(exchange.user) } : {};
}

function unansweredCallHandling(state: CallForwardingState): 'Enabled' | 'Disabled' {
  const off = state.activeSetting === 'ImmediateForward' || state.unanswered.target === 'None';
  return off ? 'Disabled' : 'Enabled';
}
