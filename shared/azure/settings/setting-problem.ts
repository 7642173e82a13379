/** A setting that is missing or wrong, and what it must be. The detail never repeats the value. */
export interface SettingProblem {
  readonly setting: string;
  readonly detail: string;
}
