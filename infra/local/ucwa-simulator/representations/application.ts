import type { Exchange } from '../exchange/exchange.ts';
import { applicationHref } from '../exchange/links.ts';
import { callForwardingSettings, me } from '../exchange/paths.ts';
import type { Application } from '../state/records.ts';
import { type Representation, represent } from './representation.ts';

/** Returns an application with its embedded resources: `me`, `people`, `onlineMeetings`, `communication`. */
export function applicationRepresentation(exchange: Exchange, application: Application): Representation {
  const { variants } = exchange.simulation.configuration;
  const { culture, endpointId, userAgent, id } = application;
  const href = (resource: string) => applicationHref(exchange, application, resource);
  return represent(
    {
      rel: 'application',
      properties: { type: 'Browser', culture, endpointId, id, userAgent },
      links: {
        self: href(''),
        batch: href('/batch'),
        events: href('/events'),
        policies: href('/policies'),
      },
      embedded: {
        me: meRepresentation(exchange, application),
        people: represent(
          { rel: 'people', links: { self: href('/people'), myContacts: href('/contacts') } },
          variants,
        ),
        onlineMeetings: represent(
          { rel: 'onlineMeetings', links: { self: href('/onlineMeetings') } },
          variants,
        ),
        communication: represent(
          {
            rel: 'communication',
            properties: {
              supportedModalities: ['PhoneAudio', 'Messaging'],
              supportedMessageFormats: ['Plain'],
            },
            links: { self: href('/communication'), conversations: href('/communication/conversations') },
          },
          variants,
        ),
      },
    },
    variants,
  );
}

/** Returns `me`: the user of the token, with the links that this user's rights allow. */
export function meRepresentation(exchange: Exchange, application: Application): Representation {
  const { profile } = application.user;
  const uri = profile.meUri ?? profile.sip;
  const href = (resource: string) => applicationHref(exchange, application, resource);
  const settings =
    profile.enterpriseVoice === false ? {} : { callForwardingSettings: href(callForwardingSettings) };
  return represent(
    {
      rel: 'me',
      properties: { name: uri.slice(4), uri, emailAddresses: [uri.slice(4)] },
      links: {
        self: href(me),
        ...settings,
        note: href(`${me}/note`),
        phones: href(`${me}/phones`),
        presence: href(`${me}/presence`),
      },
    },
    exchange.simulation.configuration.variants,
  );
}
