import type { TokenCredential } from '@azure/identity';
import { systemClock } from '../runtime/clock.ts';
import { once } from '../runtime/once.ts';
import { failed, type Result, success } from '../runtime/result.ts';
import { type App, createApp } from './app.ts';
import type { EntraSettings } from './settings/caller-settings.ts';
import type { SettingProblem } from './settings/setting-problem.ts';
import { readCallerSettings, readSettings, readStorageSettings } from './settings/settings.ts';
import type { Storage } from './storage/storage-clients.ts';
import type { QueueLook } from './storage/storage-queues.ts';
import { InstanceTermination } from './termination.ts';

export type { App } from './app.ts';

// Read once, when the instance starts: a change of settings restarts the app.
const settings = readSettings();
const storageSettings = readStorageSettings();
const callerSettings = readCallerSettings();

/** The clock of this instance. */
export const clock = systemClock;
const termination = new InstanceTermination(clock);
const identity = once(loadIdentity);

/** Connects to storage. Its libraries are loaded when they are first needed, so that a cold start does not wait for them. */
const getStorage: () => Promise<Storage> = once(async () => {
  if (!storageSettings.ok) throw new Error(formatProblems(storageSettings.error));
  const { connectStorage } = await import('./storage/storage-clients.ts');
  return await connectStorage(storageSettings.value, identity);
});

/** Settings that are missing or wrong; empty if all are valid. */
export const settingProblems: readonly SettingProblem[] = settings.ok ? [] : settings.error;

/** The tenant that identifies callers; undefined where function keys do, and where a setting of callers is wrong. */
export const entra: EntraSettings | undefined =
  callerSettings.ok && callerSettings.value.kind === 'entra' ? callerSettings.value.entra : undefined;

/** Aborted when this instance is about to stop: nothing new is started. */
export const stopping: AbortSignal = termination.signal;

/** Awaits work that {@link stopWork} must wait for. */
export const track = <T>(work: Promise<T>): Promise<T> => termination.track(work);

/** Ends all tracked work, within four seconds. */
export const stopWork = (): Promise<void> => termination.stopWork();

/** Returns the app, which is built when it is first asked for, or what is wrong with the settings. */
export const getApp: () => Promise<Result<App, readonly SettingProblem[]>> = once(async () => {
  if (!settings.ok) return failed(settings.error);
  return success(createApp(settings.value, { storage: await getStorage(), identity, clock }));
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
  const { queues } = await getStorage();
  return await queues.look(clock.nowMs());
}

/** One identity for vault and storage; its library, too, is loaded when it is first needed. */
async function loadIdentity(): Promise<TokenCredential> {
  const { createIdentity } = await import('./identity.ts');
  return createIdentity();
}

function formatProblems(problems: readonly SettingProblem[]): string {
  return problems.map(({ setting, detail }) => `${setting} ${detail}`).join(' ');
}
