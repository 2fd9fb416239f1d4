/** The settings, with their defaults. The manifest and the README table are generated from here. */

import { readTargets, type Target } from "./analysis/knowledge/target.ts";
import type { Severity } from "./analysis/rule.ts";

export interface SettingField {
  readonly type: "string" | "boolean" | "array" | "object";
  readonly default: unknown;
  readonly description: string;
  /** More of JSON schema, for the settings editor. */
  readonly schema?: object;
  /** `machine` settings name programs to run, so a workspace must not bring its own. */
  readonly scope?: "machine-overridable" | "window" | "resource";
}

const SEVERITY_CHOICES = ["error", "warning", "info", "hint", "off"];

export const settingFields = {
  "hookpoint.target": {
    type: "array",
    default: [],
    description:
      'Kernel releases the programs must run on, for example `["5.15", "6.1"]`. Findings and hovers speak about these. Empty: no release in particular.',
    schema: { items: { type: "string", pattern: "^(>=\\s*)?\\d+\\.\\d+(\\.\\d+)?$" } },
    scope: "resource",
  },
  "hookpoint.rules": {
    type: "object",
    default: {},
    description: 'Severity per rule, for example `{ "deprecated-helper": "off" }`.',
    schema: { additionalProperties: { type: "string", enum: SEVERITY_CHOICES } },
    scope: "resource",
  },
  "hookpoint.build.clang": {
    type: "string",
    default: "",
    description: "The clang that builds object files. Empty: the newest one found that has the BPF target.",
    scope: "machine-overridable",
  },
  "hookpoint.build.flags": {
    type: "array",
    default: [],
    description: "More flags for clang, after the ones Hookpoint derives.",
    schema: { items: { type: "string" } },
    scope: "resource",
  },
  "hookpoint.trace.server": {
    type: "string",
    default: "off",
    description: "Logs the talk with the language server to the Hookpoint output channel.",
    schema: { enum: ["off", "messages", "verbose"] },
    scope: "window",
  },
} as const satisfies Readonly<Record<string, SettingField>>;

/** What the core needs of the settings, checked. */
export interface Settings {
  readonly targets: readonly Target[];
  readonly severities: Readonly<Record<string, Severity | "off">>;
  /** Sentences about what we could not understand. */
  readonly problems: readonly string[];
}

/** `own` are the editor's settings or the command line's; `project` is the content of `hookpoint.json`, which wins. */
export function readSettings(own: unknown, project?: unknown): Settings {
  const [mine, theirs] = [asRecord(own), asRecord(project)];
  const { targets, unknown } = readTargets(theirs["target"] ?? mine["target"]);
  const problems = unknown.map(
    (label) => `"${label}" is no kernel release Hookpoint understands. Write a number such as "5.15".`,
  );
  const severities: Record<string, Severity | "off"> = {};
  for (const [rule, severity] of Object.entries({ ...asRecord(mine["rules"]), ...asRecord(theirs["rules"]) })) {
    if (isSeverity(severity)) severities[rule] = severity;
    else
      problems.push(
        `Rule "${rule}": ${JSON.stringify(severity)} is no severity. Choose ${SEVERITY_CHOICES.join(", ")}.`,
      );
  }
  return { targets, severities, problems };
}

function isSeverity(value: unknown): value is Severity | "off" {
  return typeof value === "string" && SEVERITY_CHOICES.includes(value);
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
