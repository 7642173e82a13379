import type { Exchange, Handler, InApplication, SignedIn } from '../exchange/exchange.ts';
import * as paths from '../exchange/paths.ts';
import type { Origin } from '../state/simulation.ts';
import type { Operation, Step } from '../steps.ts';
import * as application from './applications.ts';
import * as forwarding from './call-forwarding.ts';
import * as discovery from './discovery.ts';
import * as settings from './settings.ts';
import { issueToken } from './sign-in.ts';

interface Method<E extends Exchange> {
  readonly step: Step;
  readonly handle: Handler<E>;
}

/** The methods of a resource, by name. */
export type Methods<E extends Exchange> = Readonly<Record<string, Method<E>>>;

/** A resource: its methods and what they require; `voice` is an application of a user with Enterprise Voice. */
export type Route = { readonly operation: Operation } & (
  | { readonly needs: 'nothing'; readonly methods: Methods<Exchange> }
  | { readonly needs: 'token'; readonly methods: Methods<SignedIn> }
  | { readonly needs: 'application' | 'voice'; readonly methods: Methods<InApplication> }
);

const discoveryRoutes: ReadonlyMap<string, Route> = new Map([
  ['/', open('root', 'GET', 'discovery', discovery.readDomainRoot)],
  [paths.root, open('redirect', 'GET', 'discovery', discovery.readRoot)],
]);

const poolRoutes: ReadonlyMap<string, Route> = new Map<string, Route>([
  [paths.root, open('redirect', 'GET', 'discovery', discovery.readRoot)],
  [paths.nextRoot, open('redirect', 'GET', 'discovery', discovery.readNextRoot)],
  [paths.loopingRoot, open('redirect', 'GET', 'discovery', discovery.readLoopingRoot)],
  [paths.userRedirect, open('redirect', 'GET', 'home-pool', discovery.readUserRedirect)],
  [paths.oauthToken, open('oauthtoken', 'POST', 'token', issueToken)],
  [paths.user, signedIn('user', 'GET', 'home-pool', discovery.readUser)],
  [paths.applications, signedIn('applications', 'POST', 'application', application.createApplication)],
]);

/** Resources at and below an application's own path. */
const applicationRoutes: ReadonlyMap<string, Route> = new Map<string, Route>([
  [
    '',
    {
      operation: 'application',
      needs: 'application',
      methods: {
        GET: { step: 'other', handle: application.readApplication },
        DELETE: { step: 'clean-up', handle: application.deleteApplication },
      },
    },
  ],
  [paths.me, inApplication('me', 'other', application.readMe)],
  [
    paths.callForwardingSettings,
    settingsRoute('callForwardingSettings', settings.readSettings, settings.putSettings),
  ],
  [paths.immediateForwardSettings, settingsRoute('immediateForwardSettings', settings.readImmediateForward)],
  [
    paths.simultaneousRingSettings,
    settingsRoute('simultaneousRingSettings', settings.readSimultaneousRing, settings.putSimultaneousRing),
  ],
  [
    paths.unansweredCallSettings,
    settingsRoute('unansweredCallSettings', settings.readUnansweredCalls, settings.putUnansweredCalls),
  ],
  ...writeRoutes(paths.callForwardingSettings, [['turnOffCallForwarding', forwarding.turnOffCallForwarding]]),
  ...writeRoutes(paths.simultaneousRingSettings, [
    ['simultaneousRingToContact', forwarding.simultaneousRingToContact],
    ['simultaneousRingToDelegates', forwarding.simultaneousRingToDelegates],
    ['simultaneousRingToTeam', forwarding.simultaneousRingToTeam],
  ]),
  ...writeRoutes(paths.immediateForwardSettings, [
    ['immediateForwardToContact', forwarding.immediateForwardToContact],
    ['immediateForwardToDelegates', forwarding.immediateForwardToDelegates],
    ['immediateForwardToVoicemail', forwarding.immediateForwardToVoicemail],
  ]),
  ...writeRoutes(paths.unansweredCallSettings, [
    ['unansweredCallToContact', forwarding.unansweredCallToContact],
    ['unansweredCallToVoicemail', forwarding.unansweredCallToVoicemail],
    ['resetUnansweredCallSettings', forwarding.resetUnansweredCallSettings],
  ]),
]);

/** `people/…` of an application, for every id. */
const contactRoute: Route = inApplication('contact', 'contact', application.readContact);

function open(operation: Operation, method: string, step: Step, handle: Handler<Exchange>): Route {
  return { operation, needs: 'nothing', methods: { [method]: { step, handle } } };
}

function signedIn(operation: Operation, method: string, step: Step, handle: Handler<SignedIn>): Route {
  return { operation, needs: 'token', methods: { [method]: { step, handle } } };
}

function inApplication(operation: Operation, step: Step, read: Handler<InApplication>): Route {
  return { operation, needs: 'application', methods: { GET: { step, handle: read } } };
}

function settingsRoute(
  operation: Operation,
  read: Handler<InApplication>,
  put?: Handler<InApplication>,
): Route {
  const methods: Record<string, Method<InApplication>> = { GET: { step: 'read', handle: read } };
  if (put) methods['PUT'] = { step: 'write', handle: put };
  return { operation, needs: 'voice', methods };
}

/** Returns the resources below `parent` that take a POST, each at its own name. */
function writeRoutes(
  parent: string,
  handlers: readonly (readonly [Operation, Handler<InApplication>])[],
): [string, Route][] {
  return handlers.map(([operation, handle]) => [
    `${parent}/${operation}`,
    { operation, needs: 'voice', methods: { POST: { step: 'write', handle } } },
  ]);
}

/** The result of looking up a path. */
export interface Place {
  readonly route: Route | undefined;
  /** Of a path at or below an application. */
  readonly applicationId: string | undefined;
  /** The path below the application's own path. */
  readonly resource: string;
  /** True for the token service, whose request bodies are forms. */
  readonly takesForm: boolean;
}

const applicationPrefix = `${paths.applications}/`;

/** Looks up a path of an origin. */
export function locate(origin: Origin, path: string): Place {
  const routes = origin.index < 0 ? discoveryRoutes : poolRoutes;
  const route = routes.get(path);
  if (route || origin.index < 0 || !path.startsWith(applicationPrefix)) {
    return { route, applicationId: undefined, resource: '', takesForm: path === paths.oauthToken };
  }
  const slash = path.indexOf('/', applicationPrefix.length);
  const end = slash < 0 ? path.length : slash;
  const resource = path.slice(end);
  return {
    route: resource.startsWith(paths.people) ? contactRoute : applicationRoutes.get(resource),
    applicationId: path.slice(applicationPrefix.length, end),
    resource,
    takesForm: false,
  };
}
