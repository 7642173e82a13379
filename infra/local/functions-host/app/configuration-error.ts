/** Thrown when the app folder or a function cannot be served; the message names the file, property or function and the reason. */
export class HostConfigurationError extends Error {
  override readonly name = 'HostConfigurationError';
  readonly code = 'HOST_CONFIGURATION';
}
