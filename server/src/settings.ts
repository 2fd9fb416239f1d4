/** The settings, with their defaults. The manifest and the README table are generated from here. */

import { readTargets, type Target, type TargetNames } from "./analysis/knowledge/target.ts";
import type { Severity } from "./analysis/rule.ts";
import { nearest } from "./analysis/spelling.ts";

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
      'Kernels the programs must run on: releases (`"5.15"`), distributions (`"rhel-8.6"`, `"ubuntu-22.04"`), `"host"` for this machine, or the file that `bpftool feature probe -j` wrote, seen from the folder that is open or from `hookpoint.json`. Findings and hovers speak about these. Empty: no kernel in particular.',
    // The names of distributions are filled in from the knowledge base.
    schema: { items: { type: "string" } },
    scope: "resource",
  },
  "hookpoint.arch": {
    type: "string",
    default: "",
    description: "The processors the programs must run on. Empty: those of this machine.",
    schema: { enum: ["", "x86_64", "arm64", "arm", "riscv64", "s390x", "powerpc", "mips", "sparc", "loongarch64"] },
    scope: "resource",
  },
  "hookpoint.loader": {
    type: "string",
    default: "auto",
    description:
      "What loads the programs. It decides which sections mean something, and what is put right for old kernels. `auto`: what the nearest `go.mod`, `Cargo.toml`, `Cargo.lock` or `gadget.yaml` names, seen from the source upwards; libbpf where none does.",
    schema: {
      enum: ["auto", "libbpf", "libbpfgo", "cilium/ebpf", "ebpf-manager", "aya", "eunomia-bpf", "iproute2", "bcc"],
    },
    scope: "resource",
  },
  "hookpoint.clangd": {
    type: "string",
    default: "auto",
    description:
      "Whether plain C is left to another extension. `auto`: to clangd, Microsoft's C/C++ or ccls where one of them is enabled, less what stands in headers that it does not find; `on`: always; `off`: never, Hookpoint shows all it knows.",
    schema: { enum: ["auto", "on", "off"] },
    scope: "resource",
  },
  "hookpoint.hover.officialComment": {
    type: "boolean",
    default: false,
    description:
      "Hovers on helpers also quote the comment in `bpf_helper_defs.h`, where libbpf is installed on this machine.",
    scope: "resource",
  },
  "hookpoint.rules": {
    type: "object",
    default: {},
    description: 'Severity per rule, for example `{ "deprecated-helper": "off" }`.',
    schema: { additionalProperties: { type: "string", enum: SEVERITY_CHOICES } },
    scope: "resource",
  },
  "hookpoint.tools.clang": {
    type: "string",
    default: "",
    description: "The clang that builds object files. Empty: the newest one found that has the BPF target.",
    scope: "machine-overridable",
  },
  "hookpoint.tools.gcc": {
    type: "string",
    default: "",
    description:
      "The GCC that builds object files where `hookpoint.build.compiler` says so. Empty: the newest `bpf-gcc` found.",
    scope: "machine-overridable",
  },
  "hookpoint.tools.bpftool": {
    type: "string",
    default: "",
    description: "The bpftool that makes skeletons and reads the kernel's types. Empty: the newest one found.",
    scope: "machine-overridable",
  },
  "hookpoint.tools.strip": {
    type: "string",
    default: "",
    description: "The llvm-strip that takes debug information out of objects. Empty: the newest one found.",
    scope: "machine-overridable",
  },
  "hookpoint.build.compiler": {
    type: "string",
    default: "clang",
    description:
      "What compiles BPF. GCC's back end writes no line information yet: the verifier's log then names no lines.",
    schema: { enum: ["clang", "gcc"] },
    scope: "resource",
  },
  "hookpoint.build.libbpf": {
    type: "string",
    default: "",
    description: "The folder with `bpf/bpf_helpers.h` in it. Empty: the workspace's own libbpf, or the installed one.",
    scope: "resource",
  },
  "hookpoint.build.onSave": {
    type: "boolean",
    default: false,
    description: "Builds a BPF C file whenever it is saved.",
    scope: "resource",
  },
  "hookpoint.skeleton.kind": {
    type: "string",
    default: "auto",
    description:
      "What *Build and Generate Skeleton* makes. `auto`: by the project, `go` beside a `go.mod` with cilium/ebpf, `rust` beside a `Cargo.toml` with libbpf-rs, else `c`.",
    schema: { enum: ["auto", "c", "light", "sub", "go", "rust"] },
    scope: "resource",
  },
  "hookpoint.build.flags": {
    type: "array",
    default: [],
    description: "More flags for the compiler, after those that the project gives and those that Hookpoint derives.",
    schema: { items: { type: "string" } },
    scope: "resource",
  },
  "hookpoint.verify.host": {
    type: "string",
    default: "",
    description:
      "The machine whose kernel verifies: a host name as your own `ssh` knows it, with a key or an agent, since nobody is asked for a password. Empty: this machine.",
    scope: "machine-overridable",
  },
  "hookpoint.verify.heat": {
    type: "boolean",
    default: true,
    description: "Marks lines by how often the verifier came by them, after *Verify in Kernel*.",
    scope: "window",
  },
  "hookpoint.codeLens.verifier": {
    type: "boolean",
    default: true,
    description: "Above each program: a way to verify it, what the kernel said of it, and what that cost.",
    scope: "resource",
  },
  "hookpoint.codeLens.programs": {
    type: "boolean",
    default: true,
    description:
      "Above each program: its type, the kernel it needs, the maps and helpers it uses, and about what it takes of the stack.",
    scope: "resource",
  },
  "hookpoint.inlayHints.programTypes": {
    type: "boolean",
    default: true,
    description: 'Behind sections that do not say it, the type of the program: `SEC("tc")` sched_cls.',
    scope: "resource",
  },
  "hookpoint.inlayHints.contextTypes": {
    type: "boolean",
    default: true,
    description: "What `void *ctx` points to in this program, and the `ctx` that `BPF_KPROBE` and its relatives hide.",
    scope: "resource",
  },
  "hookpoint.inlayHints.parameterNames": {
    type: "boolean",
    default: true,
    description: "What helpers and kfuncs call the arguments that they are given.",
    scope: "resource",
  },
  "hookpoint.kernels.images": {
    type: "array",
    default: [],
    description:
      'Kernels for *Verify on Kernels…*, beside those of this machine and those that were fetched: paths of `bzImage` or `vmlinuz` files or of build trees, or `{ "name": "mine", "image": "/path" }`.',
    schema: {
      items: {
        anyOf: [
          { type: "string" },
          {
            type: "object",
            properties: { name: { type: "string" }, image: { type: "string" } },
            required: ["name", "image"],
            additionalProperties: false,
          },
        ],
      },
    },
    scope: "machine-overridable",
  },
  "hookpoint.kernels.acceleration": {
    type: "string",
    default: "auto",
    description: "Whether guests use KVM. `auto`: where it may be used and works; `off`: the processor is emulated.",
    schema: { enum: ["auto", "off"] },
    scope: "machine-overridable",
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
  /** Empty for this machine's. */
  readonly arch: string;
  /** Never "auto": that has been looked up. */
  readonly loader: string;
  readonly officialComment: boolean;
  readonly inlayHints: {
    readonly programTypes: boolean;
    readonly contextTypes: boolean;
    readonly parameterNames: boolean;
  };
  /** Whether each program has a line above it that says what it is. */
  readonly programLens: boolean;
  readonly clangd: "auto" | "on" | "off";
  readonly severities: Readonly<Record<string, Severity | "off">>;
  /** Sentences about what we could not understand. */
  readonly problems: readonly string[];
}

/** What names in settings may stand for. */
export interface SettingNames extends TargetNames {
  readonly rules: readonly string[];
  /** What loads the programs where that is not chosen. */
  readonly loader: string | undefined;
}

/** `own` are the editor's settings or the command line's; `project` is the content of `hookpoint.json`, which wins. */
export function readSettings(own: unknown, project?: unknown, names?: SettingNames): Settings {
  const [mine, theirs] = [asRecord(own), asRecord(project)];
  const { targets, problems: unclear } = readTargets(targetSetting(own, project), names);
  const problems = [...unclear];
  const chosen = (field: "arch" | "loader"): string => {
    const { default: usual, schema } = settingFields[`hookpoint.${field}`];
    const value = theirs[field] ?? mine[field] ?? usual;
    const choices: readonly unknown[] = schema.enum;
    if (typeof value === "string" && choices.includes(value)) return value;
    problems.push(`${field}: ${JSON.stringify(value)} is not known. Choose ${schema.enum.filter(Boolean).join(", ")}.`);
    return usual;
  };
  const clangd = mine["clangd"] === "on" || mine["clangd"] === "off" ? mine["clangd"] : "auto";
  const officialComment = asRecord(mine["hover"])["officialComment"] === true;
  const hints = asRecord(mine["inlayHints"]);
  const isOn = (value: unknown): boolean => value !== false;
  const inlayHints = {
    programTypes: isOn(hints["programTypes"]),
    contextTypes: isOn(hints["contextTypes"]),
    parameterNames: isOn(hints["parameterNames"]),
  };
  const programLens = isOn(asRecord(mine["codeLens"])["programs"]);
  const severities: Record<string, Severity | "off"> = {};
  for (const [rule, severity] of Object.entries({ ...asRecord(mine["rules"]), ...asRecord(theirs["rules"]) })) {
    if (names !== undefined && !names.rules.includes(rule)) problems.push(unknownRule(rule, names.rules));
    else if (isSeverity(severity)) severities[rule] = severity;
    else
      problems.push(
        `Rule "${rule}": ${JSON.stringify(severity)} is no severity. Choose ${SEVERITY_CHOICES.join(", ")}.`,
      );
  }
  const [arch, named] = [chosen("arch"), chosen("loader")];
  const loader = named === "auto" ? (names?.loader ?? "libbpf") : named;
  return { targets, severities, arch, loader, officialComment, inlayHints, programLens, clangd, problems };
}

function unknownRule(rule: string, rules: readonly string[]): string {
  const meant = nearest(rule, rules);
  return `There is no rule "${rule}".${meant === undefined ? "" : ` Did you mean "${meant}"?`}`;
}

/** What was written about targets. */
export function targetSetting(own: unknown, project?: unknown): unknown {
  return asRecord(project)["target"] ?? asRecord(own)["target"];
}

function isSeverity(value: unknown): value is Severity | "off" {
  return typeof value === "string" && SEVERITY_CHOICES.includes(value);
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
