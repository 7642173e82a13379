/** UCWA said yes to a write, and reading back says no. */
export class NotEffectiveError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotEffectiveError';
  }
}
