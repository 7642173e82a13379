/**
 * Calls `look` until a condition holds for its result, and returns that. Rejects with the last result after `limitMs`: only a
 * broken system takes that long, even on a loaded machine.
 */
export async function eventually<T>(
  look: () => Promise<T>,
  holds: (seen: T) => boolean,
  limitMs = 120_000,
): Promise<T> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (performance.now() > endMs)
      throw new Error(
        `The condition did not hold in time. Last seen: ${JSON.stringify(seen)?.slice(0, 2000)}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
