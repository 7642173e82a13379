/** How much of the processor's time some work takes at the least, in milliseconds: what else the machine does counts little. */
function costOf(work: () => unknown): number {
  const costs = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  });
  return Math.min(...costs);
}

/** What is measured for less than this is noise. */
const noiseMs = 100;

/**
 * Tells how work grows with its input, measured at a quarter of a size and at eight times that size: about 32 where it grows
 * in proportion, 1024 where it grows with the square. Work that takes next to no time at the greater size counts as 0.
 */
export function growthOf<Input>(
  work: (input: Input) => unknown,
  inputOf: (size: number) => Input,
  size: number,
): number {
  const [small, large] = [inputOf(size / 4), inputOf(8 * size)];
  const largeMs = costOf(() => work(large));
  return largeMs <= noiseMs
    ? 0
    : largeMs /
        Math.max(
          costOf(() => work(small)),
          0.5,
        );
}

/**
 * Growth above this is not in proportion to the input any more. A machine may take several times as long for what no longer
 * fits into its fast memory.
 */
export const linearGrowth = 300;
