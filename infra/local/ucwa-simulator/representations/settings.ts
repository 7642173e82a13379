import type { InApplication } from '../exchange/exchange.ts';
import { applicationHref } from '../exchange/links.ts';
import * as paths from '../exchange/paths.ts';
import type { UserRecord } from '../state/records.ts';
import type { CallForwardingState } from '../types.ts';
import { type Representation, represent } from './representation.ts';

/** The contact id that links have when no contact is set; real ids are higher. */
const noContactId = 160;

/** Returns `callForwardingSettings` with its three resources embedded or linked. */
export function settingsRepresentation(exchange: InApplication, state: CallForwardingState): Representation {
  const { variants } = exchange.simulation.configuration;
  const href = (resource: string) => applicationHref(exchange, exchange.application, resource);
  const own = {
    self: href(paths.callForwardingSettings),
    turnOffCallForwarding: href(paths.turnOffCallForwarding),
  };
  const resources = {
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
      links: linked ? { ...own, ...resources } : own,
      ...(linked ? {} : { embedded: embeddedSettings(exchange, state) }),
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
  const links = linksOf(exchange, paths.immediateForwardSettings, contact, operations);
  const properties = { target, ...etagProperty(exchange) };
  return represent(
    { rel: 'immediateForwardSettings', properties, links },
    exchange.simulation.configuration.variants,
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
  const links = linksOf(exchange, paths.simultaneousRingSettings, contact, operations);
  const properties = { ringDelay, target, ...etagProperty(exchange) };
  return represent(
    { rel: 'simultaneousRingSettings', properties, links },
    exchange.simulation.configuration.variants,
  );
}

export function unansweredCallRepresentation(
  exchange: InApplication,
  state: CallForwardingState,
): Representation {
  const { target, ringDelay, contact } = state.unanswered;
  const isHidden =
    state.activeSetting === 'ImmediateForward' &&
    exchange.simulation.configuration.variants.linksWhileForwarding === 'hidden';
  const operations = [
    'resetUnansweredCallSettings',
    ...(isHidden ? [] : ['unansweredCallToContact', 'unansweredCallToVoicemail']),
  ];
  const links = linksOf(exchange, paths.unansweredCallSettings, contact, operations);
  const properties = { ringDelay, target, ...etagProperty(exchange) };
  return represent(
    { rel: 'unansweredCallSettings', properties, links },
    exchange.simulation.configuration.variants,
  );
}

/** Returns the etag that `If-Match` must have to change a user's settings. */
export function etagOf(user: UserRecord): string {
  return `${user.index.toString(16).padStart(8, '0')}-${user.version.toString(16).padStart(12, '0')}`;
}

/** Returns the URI of the contact with this id; undefined for an id that no link had, or that means no contact. */
export function contactUriOf(exchange: InApplication, id: string): string | undefined {
  return exchange.application.contacts[Number(id) - noContactId - 1];
}

function embeddedSettings(
  exchange: InApplication,
  state: CallForwardingState,
): Record<string, Representation> {
  return {
    immediateForwardSettings: immediateForwardRepresentation(exchange, state),
    simultaneousRingSettings: simultaneousRingRepresentation(exchange, state),
    unansweredCallSettings: unansweredCallRepresentation(exchange, state),
  };
}

/** Every settings resource links a contact, even when none is set. */
function linksOf(
  exchange: InApplication,
  path: string,
  contact: string | undefined,
  operations: readonly string[],
): Record<string, string> {
  const href = (resource: string) => applicationHref(exchange, exchange.application, resource);
  const links: Record<string, string> = {
    self: href(path),
    contact: href(paths.people + idOf(exchange.application.contacts, contact)),
  };
  for (const operation of operations) links[operation] = href(`${path}/${operation}`);
  return links;
}

function idOf(contacts: string[], uri: string | undefined): number {
  if (uri === undefined) return noContactId;
  const known = contacts.indexOf(uri);
  const position = known < 0 ? contacts.push(uri) : known + 1;
  return noContactId + position;
}

function etagProperty(exchange: InApplication): { etag?: string } {
  return exchange.simulation.configuration.variants.etag === 'property'
    ? { etag: etagOf(exchange.user) }
    : {};
}

function unansweredCallHandling(state: CallForwardingState): 'Enabled' | 'Disabled' {
  const off = state.activeSetting === 'ImmediateForward' || state.unanswered.target === 'None';
  return off ? 'Disabled' : 'Enabled';
}
