import type { Exchange, Handler, InApplication, SignedIn } from '../exchange/exchange.ts';
import * as paths from '../exchange/paths.ts';
import type { Origin } from '../state/simulation.ts';
import type { Step } from '../types.ts';
import * as application from './applications.ts';
import * as discovery from './discovery.ts';
import * as operation from './operations.ts';
import * as settings from './settings.ts';
import { giveToken } from './sign-in.ts';

interface Operation<E extends Exchange> {
  readonly step: Step;
  readonly handle: Handler<E>;
}

export type Operations<E extends Exchange> = Readonly<Record<string, Operation<E>>>;

/** What a path can do, and what one must have for it; `voice` is an application of someone with Enterprise Voice. */
export type Route =
  | { readonly needs: 'nothing'; readonly operations: Operations<Exchange> }
  | { readonly needs: 'token'; readonly operations: Operations<SignedIn> }
  | { readonly needs: 'application' | 'voice'; readonly operations: Operations<InApplication> };

const discoveryRoutes: ReadonlyMap<string, Route> = new Map([
  ['/', open('GET', 'discovery', discovery.readDomainRoot)],
  [paths.root, open('GET', 'discovery-redirect', discovery.readRoot)],
]);

const poolRoutes: ReadonlyMap<string, Route> = new Map<string, Route>([
  [paths.root, open('GET', 'discovery-redirect', discovery.readRoot)],
  [paths.nextRoot, open('GET', 'discovery-redirect', discovery.readNextRoot)],
  [paths.loopingRoot, open('GET', 'discovery-redirect', discovery.readLoopingRoot)],
  [paths.userRedirect, open('GET', 'home-pool-redirect', discovery.readUserRedirect)],
  [paths.oauthToken, open('POST', 'token', giveToken)],
  [paths.user, signedIn('GET', 'home-pool', discovery.readUser)],
  [paths.applications, signedIn('POST', 'create-application', application.createApplication)],
]);

/** Below an application's own path. */
const applicationRoutes: ReadonlyMap<string, Route> = new Map<string, Route>([
  [
    '',
    {
      needs: 'application',
      operations: {
        GET: { step: 'other', handle: application.readApplication },
        DELETE: { step: 'delete-application', handle: application.deleteApplication },
      },
    },
  ],
  [paths.me, { needs: 'application', operations: { GET: { step: 'other', handle: application.readMe } } }],
  [paths.callForwardingSettings, resource('read-settings', settings.readSettings, settings.putSettings)],
  [paths.immediateForwardSettings, resource('read-linked-settings', settings.readImmediateForward)],
  [
    paths.simultaneousRingSettings,
    resource('read-linked-settings', settings.readSimultaneousRing, settings.putSimultaneousRing),
  ],
  [paths.unansweredCallSettings, resource('read-linked-settings', settings.readUnansweredCalls)],
  [paths.turnOffCallForwarding, action('turn-off', operation.turnOffCallForwarding)],
  ...actions(paths.simultaneousRingSettings, 'set-ring', {
    simultaneousRingToContact: operation.simultaneousRingToContact,
    simultaneousRingToDelegates: operation.simultaneousRingToDelegates,
    simultaneousRingToTeam: operation.simultaneousRingToTeam,
  }),
  ...actions(paths.immediateForwardSettings, 'other', {
    immediateForwardToContact: operation.immediateForwardToContact,
    immediateForwardToDelegates: operation.immediateForwardToDelegates,
    immediateForwardToVoicemail: operation.immediateForwardToVoicemail,
  }),
  ...actions(paths.unansweredCallSettings, 'set-unanswered', {
    unansweredCallToContact: operation.unansweredCallToContact,
    unansweredCallToVoicemail: operation.unansweredCallToVoicemail,
    resetUnansweredCallSettings: operation.resetUnansweredCallSettings,
  }),
]);

/** `people/…` of an application, whatever the id. */
const personRoute: Route = {
  needs: 'application',
  operations: { GET: { step: 'read-contact', handle: application.readContact } },
};

function open(method: string, step: Step, handle: Handler<Exchange>): Route {
  return { needs: 'nothing', operations: { [method]: { step, handle } } };
}

function signedIn(method: string, step: Step, handle: Handler<SignedIn>): Route {
  return { needs: 'token', operations: { [method]: { step, handle } } };
}

function resource(step: Step, read: Handler<InApplication>, put?: Handler<InApplication>): Route {
  const operations: Record<string, Operation<InApplication>> = { GET: { step, handle: read } };
  if (put) operations['PUT'] = { step: 'other', handle: put };
  return { needs: 'voice', operations };
}

function action(step: Step, handle: Handler<InApplication>): Route {
  return { needs: 'voice', operations: { POST: { step, handle } } };
}

function actions(
  parent: string,
  step: Step,
  handlers: Readonly<Record<string, Handler<InApplication>>>,
): [string, Route][] {
  return Object.entries(handlers).map(([rel, handle]) => [`${parent}/${rel}`, action(step, handle)]);
}

/** Where a path leads. */
export interface Place {
  readonly route: Route | undefined;
  /** Of what lies at or below an application. */
  readonly applicationId: string | undefined;
  /** Below the application's own path. */
  readonly resource: string;
  /** The step of the token service, whose bodies are forms. */
  readonly step: 'token' | undefined;
}

const applicationPrefix = `${paths.applications}/`;

/** Finds what lies at a path of an origin. */
export function locate(origin: Origin, path: string): Place {
  const routes = origin.index < 0 ? discoveryRoutes : poolRoutes;
  const route = routes.get(path);
  if (route || origin.index < 0 || !path.startsWith(applicationPrefix)) {
    const step = path === paths.oauthToken ? 'token' : undefined;
    return { route, applicationId: undefined, resource: '', step };
  }
  const slash = path.indexOf('/', applicationPrefix.length);
  const end = slash < 0 ? path.length : slash;
  const resource = path.slice(end);
  return {
    route: resource.startsWith(paths.people) ? personRoute : applicationRoutes.get(resource),
    applicationId: path.slice(applicationPrefix.length, end),
    resource,
    step: undefined,
  };
}
