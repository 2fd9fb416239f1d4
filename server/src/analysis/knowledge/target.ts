/** A kernel the code must run on. Today a release number; a list of them is the usual case. */

export interface Target {
  /** As the user wrote it. */
  readonly label: string;
  readonly release: Release;
}

/** `6.10` is two numbers, never a fraction: it comes after 6.9. */
export interface Release {
  readonly major: number;
  readonly minor: number;
}

export interface Targets {
  readonly targets: readonly Target[];
  /** What the user wrote and we do not understand, to be said to them. */
  readonly unknown: readonly string[];
}

/** Reads `"5.15"`, `">=5.10, 6.1"` or `["5.4", "6.1"]`. */
export function readTargets(setting: unknown): Targets {
  // A number is a mistake worth telling: 5.10 would be 5.1.
  const labels = (Array.isArray(setting) ? setting : [setting ?? ""]).flatMap((part) =>
    typeof part === "string"
      ? part.split(",").map((label) => label.trim())
      : [`${JSON.stringify(part)} without quotes`],
  );
  const targets: Target[] = [];
  const unknown: string[] = [];
  for (const label of labels.filter((text) => text !== "")) {
    const release = parseRelease(label.replace(/^>=\s*/, ""));
    if (release === undefined) unknown.push(label);
    else targets.push({ label, release });
  }
  return { targets, unknown };
}

export function parseRelease(text: string): Release | undefined {
  const match = /^v?(\d+)\.(\d+)(?:\.\d+)?$/.exec(text);
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) };
}

/** Whether something that appeared in release `since` is there. Unknown releases count as there: no false alarm. */
export function hasSince(target: Target, since: string): boolean {
  const release = parseRelease(since);
  return release === undefined || compareReleases(target.release, release) >= 0;
}

export function compareReleases(a: Release, b: Release): number {
  return a.major - b.major || a.minor - b.minor;
}
