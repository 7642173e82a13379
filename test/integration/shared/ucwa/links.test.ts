import { describe, expect, it } from 'vitest';
import type { Variants } from '../../../../infra/local/ucwa-simulator/simulator.ts';
import { LinkMissingError } from '../../../../shared/ucwa/errors.ts';
import {
  neverAborted,
  openClient,
  openSession,
  proven,
  readRing,
  ringWithoutProof,
  setRing,
} from '../../../support/ucwa/client.ts';
import { failureOf } from '../../../support/ucwa/error-text.ts';
import { serveUntrusted } from '../../../support/ucwa/http-server.ts';
import { application, settings, startScriptedPool } from '../../../support/ucwa/scripted-pool.ts';
import { simulate, simulateWith, stepsOf } from '../../../support/ucwa/simulation.ts';
import { alice, mobile } from '../../../support/ucwa/users.ts';

const forms: Record<string, Partial<Variants>> = {
  'relative links': { hrefs: 'relative' },
  'absolute links': { hrefs: 'absolute' },
  'links that begin with //': { hrefs: 'double-slash' },
  'relative links with a query': { hrefs: 'relative', linkQueries: true },
  'absolute links with a query': { hrefs: 'absolute', linkQueries: true },
  'links that begin with // and have a query': { hrefs: 'double-slash', linkQueries: true },
  'links with a query that the target is added to': { linkQueries: true, targetInBody: 'refused' },
  'linked settings': { settings: 'linked' },
  'linked settings whose links have a query': { settings: 'linked', linkQueries: true, hrefs: 'absolute' },
  'an etag in a header': { etag: 'header' },
  'an etag among the properties': { etag: 'property' },
  'unknown properties and links': { unknownProperties: true },
  'a byte order mark before JSON': { byteOrderMark: true },
  'a byte order mark before compressed JSON': { byteOrderMark: true, gzip: true },
  'compressed bodies': { gzip: true, unknownProperties: true },
  'uncompressed bodies': { gzip: false },
};

describe('a ring is set and proved on a server with', () => {
  it.each(Object.entries(forms))('%s', async (_name, variants) => {
    const simulator = await simulateWith(variants);

    expect(await setRing(openSession(openClient(simulator)), mobile)).toEqual(proven);

    expect(simulator.state(alice.sip).simultaneousRing).toMatchObject({ target: 'Contact', contact: mobile });
    expect(simulator.applications(alice.sip)).toBe(0);
    const expected = variants.targetInBody === 'refused' ? [400] : [];
    const refusals = simulator.requests.filter(({ status, step }) => step !== 'challenge' && status !== 200);
    expect(refusals.map(({ status }) => status).filter((status) => Number(status) >= 400)).toEqual(expected);
  });
});

describe('the query of a link', () => {
  it('is sent back byte for byte, to the application, the settings and the contact', async () => {
    const simulator = await simulateWith({ linkQueries: true });
    await setRing(openSession(openClient(simulator)), mobile);
    const queryOf = (step: string) =>
      simulator.requests.find((request) => request.step === step)?.path.replace(/^[^?]*/, '');
    expect(queryOf('clean-up')).toMatch(/^\?instanceId=[\w-]+%2d0==$/);
    expect(queryOf('contact')).toMatch(/^\?displayName=Anne\+M%c3%bcller&participantHash=[\w-]+%2b161==$/);
    expect(queryOf('read')).toMatch(/^\?context=[\w-]+%2f\d+==$/);
  });

  it('comes before the target that is added to it', async () => {
    const simulator = await simulateWith({ linkQueries: true, targetInBody: 'refused' });
    await setRing(openSession(openClient(simulator)), mobile);
    const writes = simulator.requests.filter(({ step }) => step === 'write');
    expect(writes.at(-1)?.path).toMatch(/\?context=[\w-]+%2f\d+==&target=tel%3A%2B14255550123$/);
  });
});

describe('a link that begins with // and names another host', () => {
  it('is a path on its own origin, and the other host gets nothing', async () => {
    const untrusted = await serveUntrusted();
    const pathLikeHost = untrusted.origin.replace('http:', '');
    const pool = await startScriptedPool({
      'POST /applications': { status: 201, json: application({ self: `${pathLikeHost}/app` }) },
      'GET /settings': { json: settings({ contact: `${pathLikeHost}/contact` }) },
      [`GET ${pathLikeHost}/contact`]: { json: { uri: mobile } },
      [`DELETE ${pathLikeHost}/app`]: { status: 204 },
    });

    const session = openSession(openClient(pool));
    const { ring } = await readRing(session);
    expect(ring.contact && (await session.callForwarding.readContact(ring.contact))).toMatchObject({
      uri: mobile,
    });
    await session.close(neverAborted());

    expect(pool.requests.slice(-2)).toEqual([`GET ${pathLikeHost}/contact`, `DELETE ${pathLikeHost}/app`]);
    expect(untrusted.connections).toBe(0);
  });
});

describe('linked settings', () => {
  it('cost one more request for each reading', async () => {
    const simulator = await simulateWith({ settings: 'linked' });
    const session = openSession(openClient(simulator));
    await setRing(session, mobile);
    const linked = { operation: 'simultaneousRingSettings' } as const;
    expect(simulator.count('read', linked) + simulator.count('read-back', linked)).toBe(2);
    expect(session.requests).toBe(12);
  });
});

describe('a link that is absent', () => {
  it('is named in the error for a user without Enterprise Voice, and no URL is built instead', async () => {
    const simulator = await simulate({ users: [{ ...alice, enterpriseVoice: false }] });
    const session = openSession(openClient(simulator));

    const failure = await failureOf(session.callForwarding.readSettings());
    expect(failure).toBeInstanceOf(LinkMissingError);
    expect(failure).toMatchObject({ rel: 'callForwardingSettings', step: 'application' });

    expect(stepsOf(simulator).at(-1)).toBe('application');
  });

  it('is named in the error for a user without simultaneous ring, and nothing is written', async () => {
    const simulator = await simulate({ users: [{ ...alice, simultaneousRing: false }] });
    const session = openSession(openClient(simulator));

    const failure = await failureOf(ringWithoutProof(session, mobile));
    expect(failure).toBeInstanceOf(LinkMissingError);
    expect(failure).toMatchObject({ rel: 'simultaneousRingToContact' });

    expect(simulator.count('write')).toBe(0);
  });

  it.each([
    ['contact', 'simultaneousRingToContact'],
    ['delegates', 'simultaneousRingToDelegates'],
    ['team', 'simultaneousRingToTeam'],
  ] as const)('is found missing before a ring to %s is written', async (desired, rel) => {
    const simulator = await simulate({ users: [{ ...alice, simultaneousRing: false }] });
    const session = openSession(openClient(simulator));
    const { settings: read, ring } = await readRing(session);
    expect(() => session.callForwarding.requireWritable(read, ring, desired)).toThrow(
      expect.objectContaining({ rel }),
    );
    expect(() => session.callForwarding.requireWritable(read, ring, 'off')).not.toThrow();
  });

  it('gives undefined if the setting is optional', async () => {
    const pool = await startScriptedPool();
    const session = openSession(openClient(pool));
    const { settings: read } = await readRing(session);
    expect(await session.callForwarding.readTargetIfAny(read, 'unansweredCallSettings')).toBeUndefined();
  });

  it.each(['embedded', 'linked'] as const)(
    'is irrelevant to an optional setting that is %s',
    async (form) => {
      const simulator = await simulateWith({ settings: form });
      const session = openSession(openClient(simulator));
      const read = await session.callForwarding.readSettings();
      expect(await session.callForwarding.readTargetIfAny(read, 'unansweredCallSettings')).toMatchObject({
        target: 'voicemail',
        ringDelaySeconds: 20,
      });
    },
  );
});
