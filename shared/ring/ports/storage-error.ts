/** Thrown where tables or queues did not answer, after the client's own retries. */
export class StorageUnavailableError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StorageUnavailableError';
  }
}

/** Thrown where tables or queues refused what was sent as too large or malformed: a defect, which no retry mends. */
export class StorageRefusedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StorageRefusedError';
  }
}
