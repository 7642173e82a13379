/** Thrown where UCWA accepted a write and reading back shows something else. */
export class NotEffectiveError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotEffectiveError';
  }
}
