/** The larger input is this many times as long as the smaller one. */
const factor = 64;

/**
 * Linear growth is 64, growth with the square 4096. Far from both: a machine may take several times as long for what no longer
 * fits into its fast memory.
 */
export const mostGrowth = 640;

const calibratedUs = 500;
const rounds = 3;

/**
 * Returns how many times as much CPU time `read` takes for an input that is 64 times as long: 64 where time grows in
 * proportion, 4096 where it grows with the square. Each size counts with its fastest round.
 */
export function growthOf(
  read: (text: string) => void,
  inputOf: (size: number) => string,
  size: number,
): number {
  const small = inputOf(size);
  const large = inputOf(size * factor);
  const repeats = repeatsFor(() => read(small));
  const best = { small: Number.POSITIVE_INFINITY, large: Number.POSITIVE_INFINITY };
  for (let round = 0; round < rounds; round++) {
    best.small = Math.min(
      best.small,
      cpuTimeUs(() => read(small), repeats),
    );
    best.large = Math.min(
      best.large,
      cpuTimeUs(() => read(large), repeats),
    );
  }
  return best.large / best.small;
}

/** Returns how often to run so that one measurement is long against the noise of a measurement. */
function repeatsFor(run: () => void): number {
  let repeats = 1;
  while (cpuTimeUs(run, repeats) < calibratedUs) repeats *= 2;
  return repeats;
}

function cpuTimeUs(run: () => void, repeats: number): number {
  const before = process.cpuUsage();
  for (let count = 0; count < repeats; count++) run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
