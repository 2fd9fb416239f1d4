// @ts-check
/** What becomes of samples: medians, percentiles, and how long a function takes. */

/** @param {readonly number[]} samples */
export function median(samples) {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The arithmetic mean, for times that are read in coarse ticks. @param {readonly number[]} samples */
export function mean(samples) {
  return samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
}

/** @param {readonly number[]} samples @param {number} share 0.95 for p95 */
export function percentile(samples, share) {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/**
 * How long functions take, in milliseconds: each once per round, so that all of them see the same weather.
 * A function that answers a number says by its own account how long it took.
 * @template {string} Name
 * @param {Readonly<Record<Name, () => unknown>>} tasks
 * @param {{ readonly warmUp: number, readonly rounds: number }} effort
 * @returns {Record<Name, number>} medians
 */
export function timeTogether(tasks, { warmUp, rounds }) {
  const names = /** @type {Name[]} */ (Object.keys(tasks));
  const samples = new Map(names.map((name) => [name, /** @type {number[]} */ ([])]));
  for (let round = -warmUp; round < rounds; round++) {
    for (const name of names) {
      const start = performance.now();
      const own = tasks[name]();
      const taken = typeof own === "number" ? own : performance.now() - start;
      if (round >= 0) samples.get(name)?.push(taken);
    }
  }
  const medians = names.map((name) => [name, median(samples.get(name) ?? [])]);
  return /** @type {Record<Name, number>} */ (Object.fromEntries(medians));
}
