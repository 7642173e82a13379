import type { Answer } from '../exchange/answer.ts';
import { type Exchange, type Handler, isForeign, type SignedIn } from '../exchange/exchange.ts';
import { hrefTo } from '../exchange/links.ts';
import * as paths from '../exchange/paths.ts';
import { resourceAnswer } from '../representations/representation.ts';
import { homeOf } from '../state/simulation.ts';
import type { Variants } from '../types.ts';
import { wrongPool } from './refusals.ts';

/** The root of a domain: where people sign in, or where to ask next. */
export function readDomainRoot(exchange: Exchange): Answer {
  const { configuration, pools, discovery } = exchange.world;
  const [registrar] = pools;
  const answers: Record<Variants['discovery'], Handler<Exchange>> = {
    user: readRoot,
    redirect: redirectTo(hrefTo(exchange, registrar, paths.root)),
    'redirect-chain': redirectTo(hrefTo(exchange, pools.at(-1) ?? registrar, paths.nextRoot)),
    'redirect-loop': redirectTo(hrefTo(exchange, registrar, paths.loopingRoot)),
    'http-redirect': () => ({ status: 302, headers: { Location: discovery.url + paths.root } }),
  };
  return answers[configuration.variants.discovery](exchange);
}

/** A root with a `user`. */
export function readRoot(exchange: Exchange): Answer {
  const [registrar] = exchange.world.pools;
  const links = {
    self: hrefTo(exchange, exchange.origin, exchange.path),
    user: hrefTo(exchange, registrar, paths.user),
    xframe: hrefTo(exchange, registrar, '/Autodiscover/XFrame/XFrame.html'),
  };
  return resourceAnswer({ rel: 'root', links }, exchange.world.configuration.variants);
}

/** The second of two redirects. */
export function readNextRoot(exchange: Exchange): Answer {
  const [registrar] = exchange.world.pools;
  return redirectTo(hrefTo(exchange, registrar, paths.root))(exchange);
}

/** A redirect to where it all began. */
export function readLoopingRoot(exchange: Exchange): Answer {
  return redirectTo(hrefTo(exchange, exchange.world.discovery, '/'))(exchange);
}

/** `user`, read with a token: the applications of the home pool, or a redirect to it. */
export function readUser(exchange: SignedIn): Answer {
  const { variants } = exchange.world.configuration;
  const home = homeOf(exchange.world, exchange.user.pool);
  const self = hrefTo(exchange, exchange.origin, paths.user);
  const onward =
    variants.homePool === 'redirect' && home !== exchange.origin
      ? { redirect: hrefTo(exchange, home, paths.userRedirect) }
      : { applications: hrefTo(exchange, home, paths.applications) };
  return resourceAnswer({ rel: 'user', links: { self, ...onward } }, variants);
}

/** Where a redirect to the home pool leads; open to all, but no place for another pool's token. */
export function readUserRedirect(exchange: Exchange): Answer {
  if (isForeign(exchange)) return wrongPool();
  const links = {
    self: hrefTo(exchange, exchange.origin, paths.userRedirect),
    user: hrefTo(exchange, exchange.origin, paths.user),
  };
  return resourceAnswer({ rel: 'redirect', links }, exchange.world.configuration.variants);
}

function redirectTo(redirect: string): Handler<Exchange> {
  return (exchange) => {
    const self = hrefTo(exchange, exchange.origin, exchange.path);
    return resourceAnswer({ rel: 'root', links: { self, redirect } }, exchange.world.configuration.variants);
  };
}
