import { createContext } from 'preact';
import { useCallback, useContext, useEffect, useState } from 'preact/hooks';
import type { Api, Failure, Reply } from './api/client.ts';
import type { Person } from './api/sign-in.ts';
import type { FileToSend } from './api/upload.ts';
import type { Place } from './navigation.ts';

/** How people show who they are: by a function key, or by signing in at a tenant. */
export type SignIn =
  | { readonly kind: 'key'; readonly hasKey: boolean; readonly useKey: (key: string) => void }
  | {
      readonly kind: 'entra';
      readonly person: Person | undefined;
      /** Why the last sign-in failed. */
      readonly failure: string | undefined;
      /** Opens the window of the tenant. */
      readonly start: () => void;
    };

/** What every page works with. */
export interface Session {
  readonly api: Api;
  /** Counts the keys that were given, or the sign-ins: what was refused is asked for again with the next. */
  readonly signIns: number;
  readonly signIn: SignIn;
  /** The files whose dry runs this page sent, by the name of the batch: what was tried can be sent without choosing it again. */
  readonly dryRuns: Map<string, FileToSend>;
  readonly go: (place: Place) => void;
  /** Tells a screen reader what has just happened. */
  readonly announce: (text: string) => void;
}

export const SessionContext = createContext<Session | undefined>(undefined);

/** Returns the session. Throws outside of one. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('There is no session here.');
  return session;
}

/** What was loaded last, and why nothing newer could be. */
export interface Loaded<T> {
  readonly value: T | undefined;
  readonly failure: Failure | undefined;
  readonly reload: () => void;
}

const firstWaitMs = 1_000;
const longestWaitMs = 15_000;

/**
 * Loads, and loads again after `pollMs` of what came. A failure that may pass is tried again, each time after twice as long;
 * what came before stays. Starts anew when `key` changes, or with another sign-in.
 */
export function useLoaded<T>(
  key: string,
  load: (api: Api, signal: AbortSignal) => Promise<Reply<T>>,
  pollMs: (value: T) => number | undefined = () => undefined,
): Loaded<T> {
  const { api, signIns } = useSession();
  const [state, setState] = useState<{ key: string; value?: T; failure?: Failure }>({ key });
  const [reloads, setReloads] = useState(0);
  // `key` stands for what the functions close over.
  useEffect(() => {
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;
    const look = async (): Promise<void> => {
      const reply = await load(api, controller.signal);
      if (controller.signal.aborted) return;
      failures = reply.ok ? 0 : failures + 1;
      if (reply.ok) setState({ key, value: reply.value });
      else setState((before) => ({ ...(before.key === key ? before : { key }), failure: reply.failure }));
      const waitMs = reply.ok ? pollMs(reply.value) : waitAfter(reply.failure, failures);
      if (waitMs !== undefined) timer = setTimeout(run, waitMs);
    };
    const run = () => void look().catch(ignoreAbort);
    run();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [key, signIns, reloads]);
  const reload = useCallback(() => setReloads((count) => count + 1), []);
  const current = state.key === key ? state : undefined;
  return { value: current?.value, failure: current?.failure, reload };
}

function waitAfter(failure: Failure, failures: number): number | undefined {
  const mayPass = failure.kind === 'offline' || failure.kind === 'unavailable';
  return mayPass ? Math.min(longestWaitMs, firstWaitMs * 2 ** (failures - 1)) : undefined;
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof DOMException && error.name === 'AbortError')) throw error;
}

/** One action of a person, such as sending: it runs once at a time. */
export interface Action {
  readonly isRunning: boolean;
  readonly failure: Failure | undefined;
  /** Which of all actions it was when it ran last: later ones have higher numbers. */
  readonly turn: number;
  readonly run: () => void;
}

let turns = 0;

/** Returns why the one of these actions failed that ran last: what failed before is of no interest any more. */
export function lastFailure(...actions: readonly Action[]): Failure | undefined {
  return actions.reduce((last, action) => (action.turn > last.turn ? action : last)).failure;
}

interface ActionState {
  readonly isRunning: boolean;
  readonly turn: number;
  readonly failure?: Failure;
}

/** Makes an action. `done` gets what came. */
export function useAction<T>(act: (api: Api) => Promise<Reply<T>>, done: (value: T) => void): Action {
  const { api, signIns } = useSession();
  const [state, setState] = useState<ActionState>({ isRunning: false, turn: 0 });
  // Another sign-in makes the refusal of the one before meaningless.
  useEffect(() => setState({ isRunning: false, turn: 0 }), [signIns]);
  const start = async (): Promise<void> => {
    turns += 1;
    const turn = turns;
    setState({ isRunning: true, turn });
    const reply = await act(api);
    setState({ isRunning: false, turn, ...(reply.ok ? {} : { failure: reply.failure }) });
    if (reply.ok) done(reply.value);
  };
  const run = () => {
    if (!state.isRunning) void start();
  };
  return { isRunning: state.isRunning, failure: state.failure, turn: state.turn, run };
}
