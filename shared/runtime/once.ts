/**
 * Returns a function that creates something when it is first called, and returns that ever after. A creation that failed
 * is not kept: the next call tries again.
 */
export function once<T>(create: () => Promise<T>): () => Promise<T> {
  let created: Promise<T> | undefined;
  return () => {
    created ??= create().catch((error: unknown) => {
      created = undefined;
      throw error;
    });
    return created;
  };
}
