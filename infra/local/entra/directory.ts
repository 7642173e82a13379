import { randomUUID } from 'node:crypto';

/** A person of the tenant, or a guest in it. */
export type EntraPerson = {
  readonly userPrincipalName: string;
  readonly name?: string;
  /** Default: a random id. */
  readonly objectId?: string;
  /** App roles of the API that the person was assigned. */
  readonly roles?: readonly string[];
  /** Scopes of the API that were consented to; default: whatever is asked for. */
  readonly scopes?: readonly string[];
  /** Optional claims, such as the one with the SIP address. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly guest?: boolean;
};

/** An application that calls with its own identity. */
export type EntraApp = {
  readonly clientId: string;
  readonly secret: string;
  readonly objectId?: string;
  /** App roles of the API that the application was granted. */
  readonly roles?: readonly string[];
};

/** The registration of our API. */
export type EntraApi = {
  readonly clientId: string;
  /** The `aud` of its tokens; default: the client id, as in tokens of version 2.0. */
  readonly audience?: string;
};

type WithId<T> = T & { readonly objectId: string };

/** The people and applications of the tenant. */
export class Directory {
  readonly #people = new Map<string, WithId<EntraPerson>>();
  readonly #apps = new Map<string, WithId<EntraApp>>();

  constructor(people: readonly EntraPerson[], apps: readonly EntraApp[]) {
    for (const person of people) this.setPerson(person);
    for (const app of apps) this.setApp(app);
  }

  get people(): readonly WithId<EntraPerson>[] {
    return [...this.#people.values()];
  }

  /** Adds a person, or replaces the one of that name, whose object id stays unless another is given. */
  setPerson(person: EntraPerson): void {
    const key = person.userPrincipalName.toLowerCase();
    const objectId = person.objectId ?? this.#people.get(key)?.objectId ?? randomUUID();
    this.#people.set(key, { ...person, objectId });
  }

  /** Adds an application, or replaces the one of that client id, whose object id stays unless another is given. */
  setApp(app: EntraApp): void {
    const objectId = app.objectId ?? this.#apps.get(app.clientId)?.objectId ?? randomUUID();
    this.#apps.set(app.clientId, { ...app, objectId });
  }

  /** Returns the person; names are compared without case. Throws when there is none. */
  person(userPrincipalName: string): WithId<EntraPerson> {
    const person = this.#people.get(userPrincipalName.toLowerCase());
    if (person === undefined) throw new Error(`The tenant has no person ${userPrincipalName}.`);
    return person;
  }

  personById(objectId: unknown): WithId<EntraPerson> | undefined {
    return this.people.find((person) => person.objectId === objectId);
  }

  /** Returns the application. Throws when there is none. */
  app(clientId: string): WithId<EntraApp> {
    const app = this.#apps.get(clientId);
    if (app === undefined) throw new Error(`The tenant has no application ${clientId}.`);
    return app;
  }

  hasApp(clientId: string): boolean {
    return this.#apps.has(clientId);
  }
}
