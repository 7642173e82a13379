/** All that can be read off an error where it is logged: message, stack, properties, and the same of its cause. */
export function textOf(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error) ?? '';
  const cause = error.cause === undefined ? '' : textOf(error.cause);
  return [error.name, error.message, error.stack, JSON.stringify(error), cause].join('\n');
}

/** What a promise is rejected with; throws where it is not. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('This should have failed.');
}
