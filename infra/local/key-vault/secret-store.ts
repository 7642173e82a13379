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
  readonly tags: Readonly<Record<string, string>> | undefined;
};

/** Optional properties of a new version. */
export type SecretProperties = {
  /** Default true. */
  enabled?: boolean | undefined;
  contentType?: string | undefined;
  tags?: Readonly<Record<string, string>> | undefined;
};

/** The secrets of one vault with all their versions, the newest first. Names are compared without case. */
export class SecretStore {
  readonly #versionsByName = new Map<string, SecretVersion[]>();
  readonly #deletedByName = new Map<string, SecretVersion[]>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Adds a version, which becomes the latest. */
  set(
    name: string,
    value: string,
    { enabled = true, contentType, tags }: SecretProperties = {},
  ): SecretVersion {
    const now = this.#seconds();
    const version = randomBytes(16).toString('hex');
    const times = { createdOn: now, updatedOn: now };
    const added = { name, version, value, contentType, ...times, isEnabled: enabled, tags };
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

  /** Returns the latest version of every secret, in the order of their names. */
  list(): readonly SecretVersion[] {
    return [...this.#versionsByName.keys()].sort().flatMap((name) => this.#versionsOf(name).slice(0, 1));
  }

  countVersions(name: string): number {
    return this.#versionsOf(name).length;
  }

  /** Deletes a secret so that it can be recovered; returns its latest version, or undefined if there is none. */
  softDelete(name: string): SecretVersion | undefined {
    const [latest, ...older] = this.#versionsOf(name);
    if (latest === undefined) return undefined;
    this.#deletedByName.set(name.toLowerCase(), [latest, ...older]);
    this.#versionsByName.delete(name.toLowerCase());
    return latest;
  }

  /** Returns the latest version of a secret that was deleted and can be recovered. */
  findDeleted(name: string): SecretVersion | undefined {
    return this.#deletedByName.get(name.toLowerCase())?.[0];
  }

  /** Takes a deletion back; returns the latest version, or undefined if the secret was not deleted. */
  recover(name: string): SecretVersion | undefined {
    const versions = this.#deletedByName.get(name.toLowerCase());
    if (versions === undefined) return undefined;
    this.#deletedByName.delete(name.toLowerCase());
    this.#versionsByName.set(name.toLowerCase(), versions);
    return versions[0];
  }

  #versionsOf(name: string): readonly SecretVersion[] {
    return this.#versionsByName.get(name.toLowerCase()) ?? [];
  }

  #seconds(): number {
    return Math.floor(this.#now() / 1000);
  }
}
