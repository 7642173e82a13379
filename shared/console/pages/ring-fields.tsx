/** What a person fills in, as the fields hold it. */
export interface RingForm {
  readonly ring: string;
  readonly target: string;
  readonly delay: string;
  readonly activePeriod: string;
  readonly from: string;
  readonly until: string;
}

export const emptyForm: RingForm = {
  ring: 'contact',
  target: '',
  delay: '',
  activePeriod: '',
  from: '',
  until: '',
};

/** Returns the body of PUT. What is left empty is left out; times are those of the reader's time zone. */
export function bodyOf(form: RingForm, dryRun: boolean): object {
  const { ring, target, delay, activePeriod, from, until } = form;
  const isContact = ring === 'contact';
  return {
    ring,
    ...(isContact ? { target } : {}),
    ...(isContact || delay === '' ? {} : { ringDelaySeconds: Number(delay) }),
    ...(activePeriod === '' ? {} : { activePeriod }),
    ...(from === '' ? {} : { from: new Date(from).toISOString() }),
    ...(until === '' ? {} : { until: new Date(until).toISOString() }),
    ...(dryRun ? { dryRun } : {}),
  };
}

interface Props {
  readonly form: RingForm;
  /** True where the setting may begin and end at a time. */
  readonly isTimed: boolean;
  readonly change: (more: Partial<RingForm>) => void;
}

/** The fields of a desired ring. */
export function RingFields({ form, isTimed, change }: Props) {
  return (
    <>
      <label>
        Rings
        <select value={form.ring} onChange={(event) => change({ ring: event.currentTarget.value })}>
          <option value="contact">a number or contact</option>
          <option value="delegates">the delegates</option>
          <option value="team">the team</option>
        </select>
      </label>
      {form.ring === 'contact' ? (
        <label>
          Number or SIP address
          <input
            required
            autocomplete="off"
            placeholder="+1 425 555 0123"
            value={form.target}
            onInput={(event) => change({ target: event.currentTarget.value })}
          />
        </label>
      ) : (
        <label>
          After so many seconds (0 to 55; empty: as it is)
          <input
            type="number"
            min={0}
            max={55}
            value={form.delay}
            onInput={(event) => change({ delay: event.currentTarget.value })}
          />
        </label>
      )}
      <details>
        <summary>When</summary>
        <Times form={form} isTimed={isTimed} change={change} />
      </details>
    </>
  );
}

function Times({ form, isTimed, change }: Props) {
  return (
    <div class="grid">
      {isTimed ? <Bounds form={form} change={change} /> : null}
      <label>
        Active
        <select
          value={form.activePeriod}
          onChange={(event) => change({ activePeriod: event.currentTarget.value })}
        >
          <option value="">as it is</option>
          <option value="always">always</option>
          <option value="workhours">during working hours only</option>
        </select>
      </label>
    </div>
  );
}

function Bounds({ form, change }: Omit<Props, 'isTimed'>) {
  return (
    <>
      <label>
        Not before
        <input
          type="datetime-local"
          value={form.from}
          onInput={(event) => change({ from: event.currentTarget.value })}
        />
      </label>
      <label>
        Until, then back to what was set before
        <input
          type="datetime-local"
          value={form.until}
          onInput={(event) => change({ until: event.currentTarget.value })}
        />
      </label>
    </>
  );
}
