/** What the page shows. A user's address stands behind the `#`, which browsers send to no server. */
export type Place =
  | { readonly page: 'home' }
  | { readonly page: 'batch'; readonly batch: string }
  | { readonly page: 'users' }
  | { readonly page: 'user'; readonly user: string };

const root = '/api/console';

/** Returns the place that a URL of this page stands for. */
export function placeOf({ pathname, hash }: Pick<Location, 'pathname' | 'hash'>): Place {
  const batch = decode(pathname.slice(root.length + 1));
  if (batch !== '') return { page: 'batch', batch };
  if (hash === '#users') return { page: 'users' };
  if (hash.startsWith('#user=')) return { page: 'user', user: decode(hash.slice('#user='.length)) };
  return { page: 'home' };
}

/** Returns the URL of a place. */
export function urlOf(place: Place): string {
  switch (place.page) {
    case 'home':
      return root;
    case 'batch':
      return `${root}/${encodeURIComponent(place.batch)}`;
    case 'users':
      return `${root}#users`;
    case 'user':
      return `${root}#user=${encodeURIComponent(place.user)}`;
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
