import type { TokenCredential } from '@azure/identity';
import { systemClock } from '../runtime/clock.ts';
import { failed, type Result, success } from '../runtime/result.ts';
import { type App, createApp } from './app.ts';
import type { SettingProblem } from './settings/setting-problem.ts';
import { readSettings, readStorageSettings } from './settings/settings.ts';
import type { StorageSettings } from './settings/storage-settings.ts';
import type { Storage } from './storage/storage-clients.ts';
import type { QueueLook } from './storage/storage-queues.ts';
import { Termination } from './termination.ts';

export type { App } from './app.ts';

// Read once, when the instance starts: a change of settings restarts the app.
const settings = readSettings();
const storageSettings = readStorageSettings();

const clock = systemClock;
const termination = new Termination(clock);
const identity = once(createIdentity);
let storageConnection: Promise<Storage> | undefined;

/** Settings that are missing or wrong; empty if all are valid. */
export const settingProblems: readonly SettingProblem[] = settings.ok ? [] : settings.error;

/** Aborted when this instance is about to stop: nothing new is started. */
export const stopping: AbortSignal = termination.signal;

/** Awaits work that {@link stopWork} must wait for. */
export const track = <T>(work: Promise<T>): Promise<T> => termination.track(work);

/** Ends all tracked work, within four seconds. */
export const stopWork = (): Promise<void> => termination.stopWork();

/** Returns the app, which is built when it is first asked for, or what is wrong with the settings. */
export const getApp: () => Promise<Result<App, readonly SettingProblem[]>> = once(async () => {
  if (!settings.ok) return failed(settings.error);
  const storage = await connect(settings.value.storage);
  return success(createApp(settings.value, { storage, identity, clock }));
});

/** Returns the app to functions that are registered only if the settings are valid. Throws if they are not. */
export async function requireApp(): Promise<App> {
  const app = await getApp();
  if (!app.ok) throw new Error(`The settings are not valid: ${formatProblems(app.error)}`);
  return app.value;
}

/**
 * Returns what waits in the queues. Needs only the settings of storage: messages pile up exactly when others are wrong.
 * Throws StorageUnavailableError, or an Error that names each setting of storage that is wrong.
 */
export async function lookAtQueues(): Promise<QueueLook> {
  if (!storageSettings.ok) throw new Error(formatProblems(storageSettings.error));
  const { queues } = await connect(storageSettings.value);
  return await queues.look(clock.nowMs());
}

/** Loads the libraries of storage when they are first needed, so that a cold start does not wait for them. */
function connect(storage: StorageSettings): Promise<Storage> {
  storageConnection ??= import('./storage/storage-clients.ts').then(({ connectStorage }) =>
    connectStorage(storage, identity),
  );
  return storageConnection;
}

/** One identity for vault and storage; its library, too, is loaded when it is first needed. */
async function createIdentity(): Promise<TokenCredential> {
  const { DefaultAzureCredential } = await import('@azure/identity');
  return new DefaultAzureCredential();
}

/** Returns a function that creates something when it is first called, and returns that ever after. */
function once<T>(create: () => Promise<T>): () => Promise<T> {
  let created: Promise<T> | undefined;
  return () => {
    created ??= create();
    return created;
  };
}

function formatProblems(problems: readonly SettingProblem[]): string {
  return problems.map(({ setting, detail }) => `${setting} ${detail}`).join(' ');
}
