import type { Answer } from '../exchange/answer.ts';
import { type Exchange, type Handler, hasForeignToken, type SignedIn } from '../exchange/exchange.ts';
import { hrefTo } from '../exchange/links.ts';
import * as paths from '../exchange/paths.ts';
import { resourceAnswer } from '../representations/representation.ts';
import { poolAt } from '../state/simulation.ts';
import type { Variants } from '../types.ts';
import { foreignTokenAnswer } from './refusals.ts';

/** Returns the root of a domain: one with a `user`, or a redirect, as the variant says. */
export function readDomainRoot(exchange: Exchange): Answer {
  const { configuration, pools, discovery } = exchange.simulation;
  const [registrar] = pools;
  const handlers: Record<Variants['discovery'], Handler<Exchange>> = {
    user: readRoot,
    redirect: redirectTo(hrefTo(exchange, registrar, paths.root)),
    'redirect-chain': redirectTo(hrefTo(exchange, pools.at(-1) ?? registrar, paths.nextRoot)),
    'redirect-loop': redirectTo(hrefTo(exchange, registrar, paths.loopingRoot)),
    'http-redirect': () => ({ status: 302, headers: { Location: discovery.url + paths.root } }),
  };
  return handlers[configuration.variants.discovery](exchange);
}

/** Returns a root with a `user`. */
export function readRoot(exchange: Exchange): Answer {
  const [registrar] = exchange.simulation.pools;
  const links = {
    self: hrefTo(exchange, exchange.origin, exchange.path),
    user: hrefTo(exchange, registrar, paths.user),
    xframe: hrefTo(exchange, registrar, '/Autodiscover/XFrame/XFrame.html'),
  };
  return resourceAnswer({ rel: 'root', links }, exchange.simulation.configuration.variants);
}

/** Returns the second redirect of a chain. */
export function readNextRoot(exchange: Exchange): Answer {
  const [registrar] = exchange.simulation.pools;
  return redirectTo(hrefTo(exchange, registrar, paths.root))(exchange);
}

/** Returns a redirect to the start of discovery. */
export function readLoopingRoot(exchange: Exchange): Answer {
  return redirectTo(hrefTo(exchange, exchange.simulation.discovery, '/'))(exchange);
}

/** Returns `user` for a request with a token: it links the applications of the home pool, or redirects there. */
export function readUser(exchange: SignedIn): Answer {
  const { variants } = exchange.simulation.configuration;
  const home = poolAt(exchange.simulation, exchange.user.pool);
  const self = hrefTo(exchange, exchange.origin, paths.user);
  const homeLink =
    variants.homePool === 'redirect' && home !== exchange.origin
      ? { redirect: hrefTo(exchange, home, paths.userRedirect) }
      : { applications: hrefTo(exchange, home, paths.applications) };
  return resourceAnswer({ rel: 'user', links: { self, ...homeLink } }, variants);
}

/** Returns the target of the redirect to the home pool. It needs no token, but refuses one of another pool. */
export function readUserRedirect(exchange: Exchange): Answer {
  if (hasForeignToken(exchange)) return foreignTokenAnswer();
  const links = {
    self: hrefTo(exchange, exchange.origin, paths.userRedirect),
    user: hrefTo(exchange, exchange.origin, paths.user),
  };
  return resourceAnswer({ rel: 'redirect', links }, exchange.simulation.configuration.variants);
}

function redirectTo(redirect: string): Handler<Exchange> {
  return (exchange) => {
    const self = hrefTo(exchange, exchange.origin, exchange.path);
    return resourceAnswer(
      { rel: 'root', links: { self, redirect } },
      exchange.simulation.configuration.variants,
    );
  };
}
