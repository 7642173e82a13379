import type { Answer } from '../exchange/answer.ts';
import { challengeHeaders } from '../representations/challenge.ts';
import { errorAnswer } from '../representations/errors.ts';
import { tokenError } from '../representations/token-error.ts';
import type { Strike } from '../state/pending-faults.ts';
import type { Origin, Simulation } from '../state/simulation.ts';
import type { BrokenAnswer, StatusAnswer } from '../types.ts';
import type { Delivery } from './delivery.ts';

/** The request that a fault strikes. */
export interface StruckRequest {
  readonly method: string;
  readonly origin: Origin;
  readonly simulation: Simulation;
  /** Carries the request out and returns its real response; called at most once. */
  readonly genuine: () => Answer;
}

const json = 'application/json; charset=utf-8';
const filler: Answer = {
  status: 200,
  contentType: json,
  body: '{"rel":"resource","_links":{},"padding":"…"}',
};

/** Well-formed JSON of shapes that no client expects, used in turn. */
const wrongShapes = [
  '[]',
  '42',
  'null',
  '"text"',
  '{"_links":"none","_embedded":7}',
  '{"_links":{"self":"/"}}',
];

/** Turns a fault into a delivery. The request is carried out if the fault is `applied` or needs the real response. */
export function faultDelivery(strike: Strike, request: StruckRequest): Delivery {
  const { answer, applied } = strike.fault;
  if (!('kind' in answer)) {
    if (applied) request.genuine();
    return { how: 'whole', answer: statusAnswer(answer, request) };
  }
  return brokenDelivery(answer, strike, request);
}

function brokenDelivery(answer: BrokenAnswer, strike: Strike, request: StruckRequest): Delivery {
  const needsGenuine = answer.kind === 'slow-body' || answer.kind === 'bad-links';
  const isCarriedOut = strike.fault.applied || needsGenuine || request.method === 'GET';
  const genuine = isCarriedOut ? request.genuine() : filler;
  const model = genuine.body === undefined ? filler : genuine;
  switch (answer.kind) {
    case 'hang':
    case 'reset':
      return { how: answer.kind };
    case 'reset-in-body':
    case 'broken-gzip':
      return { how: answer.kind, answer: model };
    case 'slow-body':
      return { how: 'slow', answer: genuine, bytesPerSecond: answer.bytesPerSecond };
    case 'huge-body':
      return { how: 'huge', bytes: answer.bytes };
    case 'malformed-json':
      return whole({ ...model, contentType: json, body: `${model.body ?? ''},,"_links":` });
    case 'bad-links':
      return whole(withBadLinks(genuine));
    case 'wrong-shape':
      return whole({
        ...model,
        contentType: json,
        body: wrongShapes[strike.hit % wrongShapes.length] ?? '[]',
      });
    case 'token-error':
      return whole(tokenError(answer, request.simulation.configuration.variants));
  }
}

/** A 401 has the challenge of a real one; the headers of the fault override it. */
function statusAnswer(answer: StatusAnswer, request: StruckRequest): Answer {
  const error = errorAnswer(answer, request.simulation.configuration.variants);
  if (answer.status !== 401) return error;
  return { ...error, headers: { ...challengeHeaders(request.simulation, request.origin), ...error.headers } };
}

/** Returns the same resource with invalid URLs as links. */
function withBadLinks(answer: Answer): Answer {
  if (answer.body === undefined) return answer;
  return { ...answer, body: answer.body.replaceAll(/"href":"[^"]*"/g, '"href":"https://["') };
}

function whole(answer: Answer): Delivery {
  return { how: 'whole', answer };
}
