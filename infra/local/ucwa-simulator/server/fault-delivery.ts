import type { Answer } from '../exchange/answer.ts';
import { challengeHeaders } from '../representations/challenge.ts';
import { errorAnswer } from '../representations/errors.ts';
import { tokenError } from '../representations/token-error.ts';
import type { Strike } from '../state/pending-faults.ts';
import type { Origin } from '../state/simulation.ts';
import type { BrokenAnswer, StatusAnswer, Variants } from '../types.ts';
import type { Delivery } from './delivery.ts';

/** What the failing answer to one request is made of. */
export interface FaultScene {
  readonly method: string;
  readonly origin: Origin;
  readonly variants: Variants;
  /** Carries the operation out; called at most once. */
  readonly genuine: () => Answer;
}

const json = 'application/json; charset=utf-8';
const filler: Answer = {
  status: 200,
  contentType: json,
  body: '{"rel":"resource","_links":{},"padding":"…"}',
};

/** JSON that is well-formed and nothing that a client can use, one after the other. */
const wrongShapes = [
  '[]',
  '42',
  'null',
  '"text"',
  '{"_links":"none","_embedded":7}',
  '{"_links":{"self":"/"}}',
];

/** Turns a fault into what the client gets; the operation is carried out where the fault says so or needs its answer. */
export function faultDelivery(strike: Strike, scene: FaultScene): Delivery {
  const { answer, applied } = strike.fault;
  if (!('kind' in answer)) {
    if (applied) scene.genuine();
    return { how: 'whole', answer: statusAnswer(answer, scene) };
  }
  return brokenDelivery(answer, strike, scene);
}

function brokenDelivery(answer: BrokenAnswer, strike: Strike, scene: FaultScene): Delivery {
  const needsAnswer = answer.kind === 'slow-body' || answer.kind === 'bad-links';
  const carriedOut = strike.fault.applied || needsAnswer || scene.method === 'GET';
  const genuine = carriedOut ? scene.genuine() : filler;
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
      return whole(tokenError(answer, scene.variants));
  }
}

/** A 401 has the challenge that a real one has; what the fault says stands above it. */
function statusAnswer(answer: StatusAnswer, scene: FaultScene): Answer {
  const error = errorAnswer(answer, scene.variants);
  if (answer.status !== 401) return error;
  return { ...error, headers: { ...challengeHeaders(scene.origin, scene.variants), ...error.headers } };
}

/** The same resource with links that are no URLs. */
function withBadLinks(answer: Answer): Answer {
  if (answer.body === undefined) return answer;
  return { ...answer, body: answer.body.replaceAll(/"href":"[^"]*"/g, '"href":"https://["') };
}

function whole(answer: Answer): Delivery {
  return { how: 'whole', answer };
}
