import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { UsageError } from './ports.ts';
import { sampleUsers, usersWithoutSecret } from './sample/users.ts';

/** A user on the simulator, with a secret in the vault unless `secret` is false. */
export interface LocalUser {
  readonly sip: string;
  readonly username: string;
  readonly password: string;
  readonly enterpriseVoice?: false;
  readonly secret: boolean;
  /** The name of the home pool; default: the first pool. */
  readonly pool?: string;
}

const fileSchema = z
  .array(
    z.strictObject({
      sip: z
        .string()
        .regex(/^(sip:)?[^@\s]+@[^@\s]+\.[^@\s]+$/, 'must be an address such as sip:alice@contoso.com'),
      username: z.string().min(1),
      password: z.string().min(1),
    }),
  )
  .min(1, 'must name at least one user');

/** Returns the users of the file in LOCAL_USERS, by default the sample users. Throws {@link UsageError} that names the variable. */
export function readLocalUsers(file: string | undefined): readonly LocalUser[] {
  if (file === undefined || file.trim() === '') {
    return sampleUsers.map((user) => ({ ...user, secret: !usersWithoutSecret.includes(user.sip) }));
  }
  return readFile(file).map(({ sip, ...user }) => {
    const address = sip.toLowerCase();
    return { ...user, sip: address.startsWith('sip:') ? address : `sip:${address}`, secret: true };
  });
}

function readFile(file: string): z.infer<typeof fileSchema> {
  const users = fileSchema.safeParse(readJson(file));
  if (users.success) return users.data;
  const issues = users.error.issues.map(({ path, message }) => `${path.join('.') || 'the list'}: ${message}`);
  throw new UsageError(
    `LOCAL_USERS names ${file}, which is not [{"sip", "username", "password"}, …]: ${issues.join('; ')}.`,
  );
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const reason =
      error instanceof SyntaxError
        ? 'it is not valid JSON'
        : error instanceof Error
          ? error.message
          : 'unknown';
    throw new UsageError(`LOCAL_USERS names ${file}, which cannot be read: ${reason}.`);
  }
}

/** Returns the domains of the users without repetition. */
export function domainsOf(users: readonly LocalUser[]): readonly string[] {
  return [...new Set(users.map(({ sip }) => sip.slice(sip.indexOf('@') + 1)))];
}

/** Returns the name of a user's secret, as the functions compute it. */
export function secretNameOf(sip: string): string {
  const bytes = [...Buffer.from(sip.replace(/^sip:/, ''), 'utf8')];
  const encoded = bytes.map((byte) => {
    const character = String.fromCharCode(byte);
    return /[a-z0-9]/.test(character) ? character : `-${byte.toString(16).padStart(2, '0')}`;
  });
  return `ucwa-${encoded.join('')}`;
}
