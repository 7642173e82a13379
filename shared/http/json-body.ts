/** Formats a JSON body. It ends with a line end, so that what a terminal prints next begins a line of its own. */
export function jsonBody(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
