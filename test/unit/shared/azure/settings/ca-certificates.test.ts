import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../../../../infra/local/key-vault/certificate.ts';
import { problemsOf, requiredSettings, settingsOf } from '../../../../support/azure/settings.ts';

describe('certificates of private authorities', () => {
  let folder: string;
  let pem: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ca-'));
    pem = (await makeCertificate()).cert.trim();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function file(content: string): string {
    const path = join(folder, 'ca.pem');
    writeFileSync(path, content);
    return path;
  }

  it.each<[string, (text: string) => string]>([
    ['PEM text', (text) => text],
    ['PEM text with escaped line ends, as some portals store it', (text) => text.replaceAll('\n', '\\n')],
    ['a file', (text) => file(text)],
    ['a file with other text around it', (text) => file(`# our own\n${text}\n# end\n`)],
  ])('are read from %s', (_form, give) => {
    expect(settingsOf({ UCWA_CA_CERTIFICATES: give(pem) }).UCWA_CA_CERTIFICATES).toEqual([pem]);
  });

  it('may be more than one', () => {
    const two = settingsOf({ UCWA_CA_CERTIFICATES: file(`${pem}\n${pem}\n`) });
    expect(two.UCWA_CA_CERTIFICATES).toEqual([pem, pem]);
  });

  it.each<[string, () => string]>([
    ['a file that does not exist', () => join(folder, 'none.pem')],
    ['a folder', () => folder],
    ['a file without a certificate', () => file('no certificate')],
    ['a file with a broken certificate', () => file(pem.replace(/[A-Za-z0-9+/]{60}\n/, '\n'))],
    ['a private key', () => '-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----'],
  ])('are refused as %s, by name alone', (_what, give) => {
    const value = give();
    expect(problemsOf({ ...requiredSettings, UCWA_CA_CERTIFICATES: value })).toEqual([
      {
        setting: 'UCWA_CA_CERTIFICATES',
        detail: 'must be certificates as PEM text, or the path of a readable file that contains them.',
      },
    ]);
  });
});
