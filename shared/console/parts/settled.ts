import { useEffect, useState } from 'preact/hooks';

const quietMs = 300;

/** Returns the text once it has not changed for a moment, so that typing asks once. */
export function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), quietMs);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
