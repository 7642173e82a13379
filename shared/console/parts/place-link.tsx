import type { ComponentChildren } from 'preact';
import { type Place, urlOf } from '../navigation.ts';
import { useSession } from '../session.ts';

interface Props {
  readonly to: Place;
  readonly current?: boolean;
  readonly children: ComponentChildren;
}

/** A link to a place of the console. It keeps what is in memory, the key above all; a new tab asks for it again. */
export function PlaceLink({ to, current = false, children }: Props) {
  const { go } = useSession();
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a href={urlOf(to)} onClick={follow} {...(current ? { 'aria-current': 'page' as const } : {})}>
      {children}
    </a>
  );
}
