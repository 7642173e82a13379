import { randomBytes } from 'node:crypto';

/** One version of a secret; times are seconds since 1970, as in Key Vault. */
export type SecretVersion = {
  readonly name: string;
  readonly version: string;
  readonly value: string;
  readonly contentType: string | undefined;
  readonly createdOn: number;
  readonly updatedOn: number;
  readonly isEnabled: boolean;
};

/** Optional properties of a new version. */
export type SecretProperties = {
  /** Default true. */
  enabled?: boolean | undefined;
  contentType?: string | undefined;
};

/** The secrets of one vault with all their versions, the newest first. Names are compared without case. */
export class SecretStore {
  readonly #versionsByName = new Map<string, SecretVersion[]>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Adds a version, which becomes the latest. */
  set(name: string, value: string, { enabled = true, contentType }: SecretProperties = {}): SecretVersion {
    const now = this.#seconds();
    const version = randomBytes(16).toString('hex');
    const added = { name, version, value, contentType, createdOn: now, updatedOn: now, isEnabled: enabled };
    this.#versionsByName.set(name.toLowerCase(), [added, ...this.#versionsOf(name)]);
    return added;
  }

  /** Finds a version, by default the latest, enabled or not. */
  find(name: string, version?: string): SecretVersion | undefined {
    const versions = this.#versionsOf(name);
    return version === undefined ? versions[0] : versions.find((one) => one.version === version);
  }

  /** Disables the latest version; returns false when there is no such secret. */
  disable(name: string): boolean {
    const [latest, ...older] = this.#versionsOf(name);
    if (!latest) return false;
    const disabled = { ...latest, isEnabled: false, updatedOn: this.#seconds() };
    this.#versionsByName.set(name.toLowerCase(), [disabled, ...older]);
    return true;
  }

  /** Deletes all versions; returns false when there is no such secret. */
  delete(name: string): boolean {
    return this.#versionsByName.delete(name.toLowerCase());
  }

  #versionsOf(name: string): readonly SecretVersion[] {
    return this.#versionsByName.get(name.toLowerCase()) ?? [];
  }

  #seconds(): number {
    return Math.floor(this.#now() / 1000);
  }
}
