import { type Answer, htmlAnswer, jsonAnswer } from '../exchange/answer.ts';
import type { InvalidParameter, StatusAnswer, Variants } from '../types.ts';

const namespace = 'http://schemas.microsoft.com/rtc/2012/03/ucwa';

/** The default code of each status. */
const defaultCodes: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  408: 'ClientTimeout',
  409: 'Conflict',
  410: 'Gone',
  411: 'LengthRequired',
  412: 'PreconditionFailed',
  413: 'EntityTooLarge',
  415: 'UnsupportedMediaType',
  428: 'PreconditionRequired',
  429: 'TooManyRequests',
  500: 'ServiceFailure',
  502: 'BadGateway',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** The errors with which the simulator refuses requests on its own, as a real server does. */
export const refusals = {
  deserializationFailure: { status: 400, subcode: 'DeserializationFailure' },
  normalizationFailed: { status: 400, subcode: 'NormalizationFailed' },
  forbidden: { status: 403 },
  applicationNotFound: { status: 404, subcode: 'ApplicationNotFound' },
  resourceNotFound: { status: 404, subcode: 'ResourceNotFound' },
  versionNotSupported: { status: 404, subcode: 'APIVersionNotSupported' },
  noDelegates: { status: 409, subcode: 'NoDelegatesConfigured' },
  noTeam: { status: 403, subcode: 'NoTeamMembersConfigured' },
  inactiveApplication: { status: 410, subcode: 'InactiveApplicationExpired' },
  tooManyApplications: { status: 410, subcode: 'TooManyApplications' },
  preconditionFailed: { status: 412 },
  entityTooLarge: { status: 413 },
  unsupportedMediaType: { status: 415 },
  preconditionRequired: { status: 428 },
} as const satisfies Record<string, StatusAnswer>;

/** Returns the error for invalid parameters. */
export function invalidParameters(...parameters: readonly InvalidParameter[]): StatusAnswer {
  return { status: 400, subcode: 'ParameterValidationFailure', parameters };
}

/** Returns the error for a method that a resource does not have. */
export function methodNotAllowed(allowed: readonly string[]): StatusAnswer {
  return { status: 405, headers: { Allow: allowed.join(', ') } };
}

/** Makes the response of an error, in its own format or in the variants'. */
export function errorAnswer(error: StatusAnswer, variants: Variants): Answer {
  const headers = error.headers ?? {};
  const format = error.format ?? variants.errors;
  const code = error.code ?? defaultCodes[error.status] ?? 'ServiceFailure';
  const answer = {
    json: () => jsonAnswer(error.status, jsonBody(error, code), variants, headers),
    xml: () => xmlAnswer(error, code, headers),
    html: () => htmlAnswer(error.status, code, headers),
  }[format]();
  return error.body === undefined ? answer : { ...answer, body: error.body };
}

function jsonBody(error: StatusAnswer, code: string): object {
  const { subcode, parameters } = error;
  return {
    code,
    ...(subcode === undefined ? {} : { subcode }),
    message: messageOf(code, subcode),
    ...(parameters === undefined ? {} : { parameters }),
  };
}

function xmlAnswer(error: StatusAnswer, code: string, headers: Readonly<Record<string, string>>): Answer {
  const subcode = error.subcode === undefined ? '' : `<subcode>${escapeXml(error.subcode)}</subcode>`;
  const parameters = (error.parameters ?? []).map(
    ({ name, reason }) => `<property name="${escapeXml(name)}">${escapeXml(reason)}</property>`,
  );
  const message = `<message>${escapeXml(messageOf(code, error.subcode))}</message>`;
  const details = `${message}<debugInfo /><parameters>${parameters.join('')}</parameters>`;
  const reason = `<reason xmlns="${namespace}"><code>${escapeXml(code)}</code>${subcode}${details}</reason>`;
  const body = `<?xml version="1.0" encoding="utf-8"?>\n${reason}`;
  return { status: error.status, headers, contentType: 'application/xml; charset=utf-8', body };
}

function messageOf(code: string, subcode: string | undefined): string {
  return subcode === undefined ? `The server returned ${code}.` : `The server returned ${code}: ${subcode}.`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
