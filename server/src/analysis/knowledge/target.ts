/** A kernel the code must run on: a release, a distribution's kernel, or one that was looked at. Several are the usual case. */

import type { DistributionFact } from "./types.ts";

export interface Target {
  /** As the user wrote it. */
  readonly label: string;
  /** Absent where a kernel was looked at that does not say. */
  readonly release?: Release;
  readonly distribution?: DistributionFact;
  readonly profile?: KernelProfile;
}

/** `6.10` is two numbers, never a fraction: it comes after 6.9. */
export interface Release {
  readonly major: number;
  readonly minor: number;
}

/** What a kernel itself has told. */
export interface KernelProfile {
  readonly release?: string;
  /** Names in its BTF: enumerators such as `BPF_FUNC_loop` and functions. What is not among them it does not have. */
  readonly names?: ReadonlySet<string>;
  /** What `bpftool feature probe` found. */
  readonly probe?: FeatureProbe;
  /** `CONFIG_BPF_LSM` to `y`. Absent where its configuration cannot be read. */
  readonly config?: ReadonlyMap<string, string>;
}

export interface FeatureProbe {
  /** By full name, `BPF_PROG_TYPE_XDP`. */
  readonly programTypes: ReadonlyMap<string, boolean>;
  readonly mapTypes: ReadonlyMap<string, boolean>;
  /** Helpers by the program type that may call them. */
  readonly helpers: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface Targets {
  readonly targets: readonly Target[];
  /** Sentences about what the user wrote and we do not understand. */
  readonly problems: readonly string[];
}

/** What names may stand for. */
export interface TargetNames {
  readonly distribution: (name: string) => DistributionFact | undefined;
  /** A kernel that was looked at, by what the user wrote for it; or why it could not be. */
  readonly profile: (label: string) => KernelProfile | string | undefined;
}

const NO_NAMES: TargetNames = { distribution: () => undefined, profile: () => undefined };

/** Reads `"5.15"`, `">=5.10, rhel-8.6"` or `["5.4", "host", "probe.json"]`. */
export function readTargets(setting: unknown, names: TargetNames = NO_NAMES): Targets {
  const targets: Target[] = [];
  const problems: string[] = [];
  for (const label of labelsIn(setting)) {
    const target = readTarget(label, names);
    if (typeof target === "string") problems.push(target);
    else targets.push(target);
  }
  return { targets, problems };
}

/** What was written, one by one. */
export function labelsIn(setting: unknown): readonly string[] {
  // A number is a mistake worth telling: 5.10 would be 5.1.
  return (Array.isArray(setting) ? setting : [setting ?? ""])
    .flatMap((part) =>
      typeof part === "string"
        ? part.split(",").map((label) => label.trim())
        : [`${JSON.stringify(part)} without quotes`],
    )
    .filter((label) => label !== "");
}

/** Whether a label stands for a kernel that must be looked at: this machine's, or one in a probe's file. */
export function namesProfile(label: string): boolean {
  return label === "host" || label.endsWith(".json");
}

function readTarget(label: string, names: TargetNames): Target | string {
  const plain = label.replace(/^>=\s*/, "");
  const release = parseRelease(plain);
  if (release !== undefined) return { label, release };
  if (namesProfile(plain)) return profileTarget(label, names.profile(plain));
  const distribution = names.distribution(plain.toLowerCase());
  const base = distribution && parseRelease(distribution.kernel);
  if (distribution !== undefined && base !== undefined) return { label, release: base, distribution };
  return `"${label}" is no kernel that Hookpoint knows. Write a release such as "5.15", a distribution such as "rhel-8.6" or "ubuntu-22.04", "host" for this machine, or the file that bpftool feature probe -j wrote.`;
}

function profileTarget(label: string, profile: KernelProfile | string | undefined): Target | string {
  if (profile === undefined) return `"${label}" cannot be read here.`;
  if (typeof profile === "string") return `"${label}": ${profile}`;
  const release = profile.release === undefined ? undefined : parseRelease(profile.release);
  return { label, profile, ...(release && { release }) };
}

export function parseRelease(text: string): Release | undefined {
  const match = /^v?(\d+)\.(\d+)(?:\.\d+)?(?:-[\w.+~-]*)?$/.exec(text);
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) };
}

/** Whether something that appeared in release `since` is there. What cannot be told counts as there: no false alarm. */
export function hasSince(target: Target, since: string): boolean {
  const release = parseRelease(since);
  return release === undefined || target.release === undefined || compareReleases(target.release, release) >= 0;
}

export function compareReleases(a: Release, b: Release): number {
  return a.major - b.major || a.minor - b.minor;
}

/** `rhel-8.4 (4.18)`: who reads a reason wants the number. */
export function targetText({ label, distribution }: Target): string {
  return distribution === undefined ? label : `${label} (${distribution.kernel})`;
}
