const shownLength = 300;

/** Shows text from outside, whatever it holds: isolated from the direction of what surrounds it, and cut if it is long. */
export function LongText({ text }: { text: string | undefined }) {
  if (text === undefined || text === '') return null;
  if (text.length <= shownLength) return <bdi class="text">{text}</bdi>;
  return (
    <details class="text">
      <summary>
        <bdi>{text.slice(0, shownLength)}…</bdi>
      </summary>
      <bdi>{text}</bdi>
    </details>
  );
}
