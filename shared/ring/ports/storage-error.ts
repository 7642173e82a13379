/** Thrown where tables or queues did not answer, after the client's own retries. */
export class StorageUnavailableError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StorageUnavailableError';
  }
}

/** Thrown where storage cannot be used before an operator has corrected something: the identity got no token for it. */
export class StorageMisconfiguredError extends StorageUnavailableError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StorageMisconfiguredError';
  }
}

/** Tells whether an error, or one that it was made from, waits for an operator. */
export function isStorageMisconfigured(error: unknown): boolean {
  if (error instanceof StorageMisconfiguredError) return true;
  return error instanceof StorageUnavailableError && isStorageMisconfigured(error.cause);
}

/** Thrown where tables or queues refused what was sent as too large or malformed: a defect, which no retry mends. */
export class StorageRefusedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StorageRefusedError';
  }
}
