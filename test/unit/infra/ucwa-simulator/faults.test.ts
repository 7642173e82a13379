import { describe, expect, test } from 'vitest';
import type { Fault, UcwaSimulator } from '../../../../infra/local/ucwa-simulator/simulator.ts';
import {
  alice,
  bob,
  readError,
  requestApplication,
  requestToken,
  signIn,
  simulate,
  tokenFor,
} from '../../../support/infra/ucwa-simulator/client.ts';

const number = 'tel:+14255550123';
const callbackChannelError = { status: 500, code: 'ServiceFailure', subcode: 'CallbackChannelError' };

describe('a fault', () => {
  const statuses = async (simulator: UcwaSimulator, requests: number) => {
    const seen: number[] = [];
    for (let sent = 0; sent < requests; sent += 1) seen.push((await fetch(simulator.discoveryUrl)).status);
    return seen;
  };

  test.each([
    ['once by default', {}, [503, 200, 200, 200]],
    ['as often as `times` says', { times: 2 }, [503, 503, 200, 200]],
    ['after the requests that `skip` lets pass', { skip: 2 }, [200, 200, 503, 200]],
    ['without end', { times: Number.POSITIVE_INFINITY }, [503, 503, 503, 503]],
  ])('applies %s', async (_, fault, expected) => {
    const simulator = await simulate();
    simulator.fail({ step: 'discovery', ...fault, answer: { status: 503 } });
    expect(await statuses(simulator, 4)).toEqual(expected);
  });

  test('applies in the order in which it was added', async () => {
    const simulator = await simulate();
    for (const status of [500, 502]) simulator.fail({ step: 'discovery', answer: { status } });
    expect(await statuses(simulator, 3)).toEqual([500, 502, 200]);
  });

  test('ends when faults are cleared', async () => {
    const simulator = await simulate();
    simulator.fail({ times: Number.POSITIVE_INFINITY, answer: { status: 503 } });
    simulator.clearFaults();
    expect(await statuses(simulator, 1)).toEqual([200]);
  });

  test('applies to its user only, from the token request on', async () => {
    const simulator = await simulate();
    simulator.fail({ user: 'sip:BOB@contoso.com', step: 'token', answer: { status: 503 } });
    expect((await requestToken(simulator, alice)).status).toBe(200);
    expect((await requestToken(simulator, bob)).status).toBe(503);
    expect((await requestToken(simulator, bob)).status).toBe(200);
  });

  test('applies to its pool only', async () => {
    const simulator = await simulate({ pools: ['red', 'blue'] });
    simulator.fail({ pool: 'blue', answer: { status: 503 } });
    expect((await requestToken(simulator, alice, 'red')).status).toBe(200);
    expect((await requestToken(simulator, alice, 'blue')).status).toBe(503);
  });

  test('applies to its operation only', async () => {
    const simulator = await simulate();
    const client = await signIn(simulator);
    simulator.fail({ operation: 'turnOffCallForwarding', answer: { status: 503 } });
    expect((await client.ring(number)).status).toBe(204);
    expect((await client.turnOff()).status).toBe(503);
    expect((await client.turnOff()).status).toBe(204);
  });

  test.each<[string, Partial<Fault>, number[]]>([
    ['with step read lets reads after a write pass', { step: 'read' }, [503, 200, 200]],
    ['with step read-back lets reads before a write pass', { step: 'read-back' }, [200, 503, 503]],
    ['with an operation applies to both', { operation: 'callForwardingSettings' }, [503, 503, 503]],
  ])('%s', async (_, filter, [before, after, again]) => {
    const simulator = await simulate();
    const client = await signIn(simulator);
    const url = await client.urlIn('simultaneousRingSettings', 'simultaneousRingToContact');
    simulator.fail({ ...filter, times: Number.POSITIVE_INFINITY, answer: { status: 503 } });
    expect((await client.send(client.settingsUrl)).status).toBe(before);
    await client.post(url, { target: number });
    expect((await client.send(client.settingsUrl)).status).toBe(after);
    expect((await client.send(client.settingsUrl)).status).toBe(again);
  });

  test.each([{ user: 'sip:eve@contoso.com' }, { pool: 'green' }])(
    'for the unknown %o is an error',
    async (subject) => {
      const simulator = await simulate();
      expect(() => simulator.fail({ ...subject, answer: { status: 503 } })).toThrow(/eve@contoso|green/);
    },
  );

  test('leaves the setting unchanged unless it is `applied`', async () => {
    const simulator = await simulate();
    const client = await signIn(simulator);
    simulator.fail({ step: 'write', answer: callbackChannelError });
    simulator.fail({ step: 'write', applied: true, answer: callbackChannelError });
    for (const target of ['None', 'Contact']) {
      const response = await client.ring(number);
      expect([response.status, await readError(response)]).toMatchObject([
        500,
        { code: 'ServiceFailure', subcode: 'CallbackChannelError' },
      ]);
      expect(simulator.state(alice.sip).simultaneousRing.target).toBe(target);
    }
  });

  test('of an application that is `applied` leaves it created', async () => {
    const simulator = await simulate();
    const token = await tokenFor(simulator);
    simulator.fail({ step: 'application', applied: true, answer: { kind: 'reset' } });
    await expect(requestApplication(simulator, token)).rejects.toThrow();
    expect(simulator.applications(alice.sip)).toBe(1);
    expect((await requestApplication(simulator, token)).status).toBe(200);
  });
});
