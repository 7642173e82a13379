import { randomUUID } from 'node:crypto';
import type { Configuration } from './configuration.ts';
import type { Application, ApplicationRequest, UserRecord } from './records.ts';

/** All applications. An expired one is kept until its user asks for another. */
export class Applications {
  readonly #configuration: Configuration;
  readonly #byId = new Map<string, Application>();

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
  }

  /** Returns the user's application with the same fields, or a new one; undefined when the user has too many. */
  open(
    user: UserRecord,
    pool: number,
    request: ApplicationRequest,
  ): { application: Application; created: boolean } | undefined {
    this.#forgetExpired(user);
    const known = user.applications?.find((application) => isSame(application, pool, request));
    if (known) {
      known.hasReceivedWrite = false;
      this.touch(known);
      return { application: known, created: false };
    }
    if (this.activeOf(user) >= this.#configuration.applicationsPerUser) return undefined;
    const application = this.#create(user, pool, request);
    return { application, created: true };
  }

  find(id: string): Application | undefined {
    return this.#byId.get(id);
  }

  isExpired(application: Application): boolean {
    return this.#configuration.now() >= application.expiresAt;
  }

  /** Restarts the idle time. */
  touch(application: Application): void {
    application.expiresAt = this.#configuration.now() + this.#configuration.applicationLifetimeMs;
  }

  delete(application: Application): void {
    this.#byId.delete(application.id);
    const rest = application.user.applications?.filter((other) => other !== application) ?? [];
    application.user.applications = rest.length > 0 ? rest : undefined;
  }

  expireAll(user: UserRecord): void {
    for (const application of user.applications ?? []) application.expiresAt = Number.NEGATIVE_INFINITY;
  }

  /** Counts a user's applications that have not expired. */
  activeOf(user: UserRecord): number {
    return user.applications?.filter((application) => !this.isExpired(application)).length ?? 0;
  }

  /** Counts the applications of all users that have not expired. */
  active(): number {
    let count = 0;
    for (const application of this.#byId.values()) if (!this.isExpired(application)) count += 1;
    return count;
  }

  #create(user: UserRecord, pool: number, request: ApplicationRequest): Application {
    const random = randomUUID();
    const application: Application = {
      ...request,
      id: `1${random.replaceAll('-', '').slice(0, 15)}`,
      nonce: random.slice(24),
      user,
      pool,
      contacts: [],
      hasReceivedWrite: false,
      expiresAt: 0,
    };
    this.touch(application);
    this.#byId.set(application.id, application);
    user.applications = [...(user.applications ?? []), application];
    return application;
  }

  #forgetExpired(user: UserRecord): void {
    for (const application of user.applications ?? []) {
      if (this.isExpired(application)) this.delete(application);
    }
  }
}

function isSame(application: Application, pool: number, request: ApplicationRequest): boolean {
  return (
    application.pool === pool &&
    application.endpointId === request.endpointId &&
    application.culture === request.culture &&
    application.userAgent === request.userAgent
  );
}
