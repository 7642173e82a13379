import type { TokenCredential } from '@azure/identity';
import { systemClock } from '../runtime/clock.ts';
import type { Result } from '../runtime/result.ts';
import { failed, success } from '../runtime/result.ts';
import { type App, createApp } from './app.ts';
import type { SettingProblem } from './settings/setting-problem.ts';
import { readSettings, readStorageSettings, type Settings } from './settings/settings.ts';
import type { StorageSettings } from './settings/storage-settings.ts';
import type { Storage } from './storage/storage-clients.ts';
import type { QueueLook } from './storage/storage-queues.ts';
import { Termination } from './termination.ts';

export type { App } from './app.ts';

/** Read once, when the instance starts: a change of settings restarts the app. */
const settings = readSettings();
const storageSettings = readStorageSettings();
const clock = systemClock;
const termination = new Termination(clock);
const identity = once(createIdentity);
const app = once(buildApp);
let storageConnection: Promise<Storage> | undefined;

/** Settings that are missing or wrong; empty if all are valid. */
export const settingProblems: readonly SettingProblem[] = settings.ok ? [] : settings.error;

/** Aborted when this instance is about to stop: nothing new is started. */
export const stopping: AbortSignal = termination.signal;

/** Awaits work that {@link stopWork} must wait for. */
export function track<T>(work: Promise<T>): Promise<T> {
  return termination.track(work);
}

/** Ends the work of this instance within four seconds, as {@link Termination.stopWork} does. */
export function stopWork(): Promise<void> {
  return termination.stopWork();
}

/** Returns the application, which is built when it is first asked for, or what is wrong with the settings. */
export function getApp(): Promise<Result<App, readonly SettingProblem[]>> {
  return app();
}

/** Returns the application to functions that are registered only if the settings are valid. Throws if they are not. */
export async function requireApp(): Promise<App> {
  const built = await getApp();
  if (!built.ok) throw new Error(`The settings are not valid: ${formatProblems(built.error)}`);
  return built.value;
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

async function buildApp(): Promise<Result<App, readonly SettingProblem[]>> {
  return settings.ok ? success(await build(settings.value)) : failed(settings.error);
}

async function build(valid: Settings): Promise<App> {
  const storage = await connect(valid.storage);
  return createApp(valid, { storage, identity, clock });
}

/** Loads the libraries of storage when they are first needed: they would slow down every cold start. */
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

/** Makes a function that creates something when it is first called, and returns the same ever after. */
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
