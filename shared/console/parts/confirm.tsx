import type { ComponentChildren, RefObject } from 'preact';
import { useImperativeHandle, useRef } from 'preact/hooks';

/** Opens a dialog. */
export interface ConfirmHandle {
  open(): void;
}

interface Props {
  readonly handle: RefObject<ConfirmHandle | null>;
  readonly title: string;
  readonly yes: string;
  readonly no: string;
  readonly onYes: () => void;
  readonly children: ComponentChildren;
}

/** Asks before something is done. Escape is a no, and the focus goes back to where it was. */
export function Confirm({ handle, title, yes, no, onYes, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useImperativeHandle(handle, () => ({ open: () => dialog.current?.showModal() }), []);
  const close = () => dialog.current?.close();
  const confirm = () => {
    close();
    onYes();
  };
  return (
    <dialog ref={dialog} aria-label={title}>
      <article>
        <h3>{title}</h3>
        {children}
        <div class="actions">
          {/* The harmless choice comes first and has the focus. */}
          <button type="button" class="secondary" onClick={close}>
            {no}
          </button>
          <button type="button" onClick={confirm}>
            {yes}
          </button>
        </div>
      </article>
    </dialog>
  );
}
