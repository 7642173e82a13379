import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Access, allows, leastRole, roles } from '../../../../../shared/http/callers/access.ts';
import { serveBare } from '../../../../../shared/http/serve.ts';
import { systemClock } from '../../../../../shared/runtime/clock.ts';

const root = fileURLToPath(new URL('../../../../..', import.meta.url));
const tenant = { tenantId: 't', audience: 'a', authority: 'https://127.0.0.1:1', sipClaim: undefined };

function authLevel(access: Access, entra: typeof tenant | undefined): string {
  return serveBare({ entra, clock: systemClock }, access, async () => ({ status: 200 })).authLevel;
}

describe('every HTTP function', () => {
  const registrations = globSync('functions/*.ts', { cwd: root }).flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split(/^(?=app\.http\()/m)
      .slice(1)
      .map((text) => ({ file, text: text.slice(0, text.indexOf('\n});')) })),
  );

  it('is registered with what it asks of callers, and by nothing else', () => {
    expect(registrations.length).toBeGreaterThanOrEqual(12);
    for (const { file, text } of registrations) {
      expect(text, file).toMatch(/\.\.\.serve(Bare)?\(\s*instance,\s*(\{ needs: '\w+'|'anonymous')/);
      expect(text, file).not.toMatch(/authLevel|handler/);
    }
  });

  it('cannot start without saying what it asks of callers', () => {
    const access: Access = Object({});
    expect(() => authLevel(access, undefined)).toThrow('does not say');
    expect(() => authLevel(access, tenant)).toThrow('does not say');
  });

  it('is anonymous for the platform only where tokens are checked here, or on purpose', () => {
    expect(authLevel({ needs: 'read' }, undefined)).toBe('function');
    expect(authLevel({ needs: 'read' }, tenant)).toBe('anonymous');
    expect(authLevel('anonymous', undefined)).toBe('anonymous');
  });
});

describe('the roles', () => {
  it.each(['read', 'write', 'bulk'] as const)('have a least one that allows to %s', (permission) => {
    expect(allows([leastRole(permission)], permission)).toBe(true);
  });

  it('allow nothing by a name that is not in the table', () => {
    const names = ['simultaneousring.read', 'SimultaneousRing', 'constructor', '__proto__', ''];
    for (const permission of ['read', 'write', 'bulk'] as const)
      expect(allows(names, permission)).toBe(false);
    expect(Object.keys(roles)).toHaveLength(3);
  });
});
