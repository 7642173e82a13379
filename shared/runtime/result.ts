/** Either the value that was asked for or the error that prevented it. */
export type Result<T, E> = Success<T> | Failed<E>;

export interface Success<T> {
  readonly ok: true;
  readonly value: T;
}

export interface Failed<E> {
  readonly ok: false;
  readonly error: E;
}

/** Returns a result that holds a value. */
export function success<T>(value: T): Success<T> {
  return { ok: true, value };
}

/** Returns a result that holds an error. */
export function failed<E>(error: E): Failed<E> {
  return { ok: false, error };
}
