import { randomBytes } from 'node:crypto';

/** One version of a secret; times are seconds since 1970, as Key Vault writes them. */
export type SecretVersion = {
  readonly name: string;
  readonly version: string;
  readonly value: string;
  readonly contentType: string | undefined;
  readonly tags: Readonly<Record<string, string>> | undefined;
  readonly createdOn: number;
  readonly updatedOn: number;
  readonly enabled: boolean;
};

/** A deleted secret, which keeps its versions and its name until it is recovered or purged. */
export type DeletedSecret = { readonly latest: SecretVersion; readonly deletedOn: number };

/** What may be said about a secret when it is set or changed. */
export type SecretProperties = {
  enabled?: boolean | undefined;
  contentType?: string | undefined;
  tags?: Record<string, string> | undefined;
};

type Entry = { versions: [SecretVersion, ...SecretVersion[]]; deletedOn: number | undefined };

/** The secrets of one vault with all their versions, newest first. Names are told apart without regard to case. */
export class SecretStore {
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Makes a new version, which becomes the latest; a deleted secret of that name is back with it. */
  set(name: string, value: string, properties: SecretProperties = {}): SecretVersion {
    const { enabled = true, contentType, tags } = properties;
    const now = this.#seconds();
    const version = randomBytes(16).toString('hex');
    const made = { name, version, value, contentType, tags, createdOn: now, updatedOn: now, enabled };
    const older = this.#entries.get(name.toLowerCase())?.versions ?? [];
    this.#entries.set(name.toLowerCase(), { versions: [made, ...older], deletedOn: undefined });
    return made;
  }

  /** The version asked for, or the latest, enabled or not. */
  find(name: string, version?: string): SecretVersion | undefined {
    const versions = this.versions(name);
    return version === undefined ? versions[0] : versions.find((one) => one.version === version);
  }

  /** All versions, newest first; none when there is no such secret or it is deleted. */
  versions(name: string): readonly SecretVersion[] {
    const entry = this.#entries.get(name.toLowerCase());
    return entry === undefined || entry.deletedOn !== undefined ? [] : entry.versions;
  }

  /** The latest version of every secret, by name. */
  latest(): SecretVersion[] {
    return [...this.#entries.values()]
      .filter((entry) => entry.deletedOn === undefined)
      .map((entry) => entry.versions[0])
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Changes what is said about one version, never its value; undefined when there is no such version. */
  update(name: string, version: string, properties: SecretProperties): SecretVersion | undefined {
    const entry = this.#entries.get(name.toLowerCase());
    const old = this.find(name, version);
    if (!entry || !old) return undefined;
    const changed: SecretVersion = {
      ...old,
      enabled: properties.enabled ?? old.enabled,
      contentType: properties.contentType ?? old.contentType,
      tags: properties.tags ?? old.tags,
      updatedOn: this.#seconds(),
    };
    const [latest, ...older] = entry.versions;
    const swap = (one: SecretVersion) => (one.version === version ? changed : one);
    entry.versions = [swap(latest), ...older.map(swap)];
    return changed;
  }

  /** Deletes softly: the secret is gone from every list but holds its name. */
  delete(name: string): DeletedSecret | undefined {
    const entry = this.#entries.get(name.toLowerCase());
    if (!entry || entry.deletedOn !== undefined) return undefined;
    entry.deletedOn = this.#seconds();
    return { latest: entry.versions[0], deletedOn: entry.deletedOn };
  }

  /** The deleted secret of this name. */
  findDeleted(name: string): DeletedSecret | undefined {
    const entry = this.#entries.get(name.toLowerCase());
    if (!entry || entry.deletedOn === undefined) return undefined;
    return { latest: entry.versions[0], deletedOn: entry.deletedOn };
  }

  /** Brings a deleted secret back as it was. */
  recover(name: string): SecretVersion | undefined {
    const entry = this.#entries.get(name.toLowerCase());
    if (!entry || entry.deletedOn === undefined) return undefined;
    entry.deletedOn = undefined;
    return entry.versions[0];
  }

  /** Ends a deleted secret for good; false when there is none. */
  purge(name: string): boolean {
    return this.findDeleted(name) !== undefined && this.#entries.delete(name.toLowerCase());
  }

  #seconds(): number {
    return Math.floor(this.#now() / 1000);
  }
}
