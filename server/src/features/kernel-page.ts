/** Feature: what is in a kernel. What each release and each distribution's kernel brought to BPF, as a page to read and search. */

import { gainedIn, KERNEL_KINDS, type KernelKind } from "../analysis/knowledge/gained.ts";
import type { KnowledgeBase } from "../analysis/knowledge/knowledge-base.ts";
import { compareReleases, parseRelease } from "../analysis/knowledge/target.ts";
import type { Allowance, DistributionFact, KernelFact } from "../analysis/knowledge/types.ts";
import { docsLink } from "./card.ts";

/** A kernel that can be a target, or something that came with one. */
export interface KernelEntry {
  /** What is chosen: a release, a distribution's name, or the name of what came. */
  readonly name: string;
  readonly kind: "release" | "distribution" | "feature";
  readonly description: string;
  /** The kernel whose page tells more. */
  readonly kernel: string;
  readonly longterm?: true;
}

const TITLES: Readonly<Record<KernelKind, string>> = {
  "program-types": "Program types",
  "map-types": "Map types",
  helpers: "Helpers",
  kfuncs: "Kfuncs",
  "attach-types": "Attach types",
  "link-types": "Link types",
  commands: "Commands of bpf()",
  flags: "Flags",
  abilities: "What the verifier came to take",
};

/** Where docs.ebpf.io has a page for each. */
const PAGES: Partial<Readonly<Record<KernelKind, string>>> = {
  "program-types": "program-type",
  "map-types": "map-type",
  helpers: "helper-function",
  kfuncs: "kfuncs",
  commands: "syscall",
};

/** Releases, the newest first; distributions; then all that came with a release. */
export function kernelEntries({ facts }: KnowledgeBase): readonly KernelEntry[] {
  const releases = newestFirst(facts.kernels).map(
    (kernel): KernelEntry => ({
      name: kernel.name,
      kind: "release",
      description: [kernel.released, kernel.longterm === true && "long term", counted(kernel.name, facts)]
        .filter(Boolean)
        .join(", "),
      kernel: kernel.name,
      ...(kernel.longterm === true && { longterm: true }),
    }),
  );
  const distributions = facts.distributions.map(
    ({ name, title, kernel }): KernelEntry => ({
      name,
      kind: "distribution",
      description: `${title}, Linux ${kernel}`,
      kernel: name,
    }),
  );
  const features = facts.kernels.flatMap(({ name: kernel }) =>
    [...gainedIn(kernel, facts)].flatMap(([kind, found]) =>
      found.map(
        ({ name }): KernelEntry => ({ name, kind: "feature", description: `${singular(kind)}, ${kernel}`, kernel }),
      ),
    ),
  );
  return [...releases, ...distributions, ...features];
}

/** Markdown; undefined where there is no such kernel. */
export function kernelPage(name: string, kb: KnowledgeBase): string | undefined {
  const release = kb.facts.kernels.find((kernel) => kernel.name === name);
  if (release !== undefined) return releasePage(release, kb);
  const distribution = kb.distribution(name);
  return distribution && distributionPage(distribution, kb);
}

function releasePage({ name, released, longterm, eol, remark }: KernelFact, kb: KnowledgeBase): string {
  const gained = gainedIn(name, kb.facts);
  const told = [
    released === undefined ? undefined : `Released ${released}.`,
    longterm === true ? `A long-term release${eol === undefined ? "" : `, supported until ${eol}`}.` : undefined,
    remark,
  ];
  const more = [
    ...widened("Helpers that more programs may call", kb.facts.helpers, name),
    ...widened("Kfuncs that more programs may call", kb.facts.kfuncs, name),
    ...newFields(name, kb),
  ];
  const parts = [...gained].map(([kind, facts]) =>
    section(
      TITLES[kind],
      facts.map(
        (fact) => `${linked(kind, fact.name)}${fact.note === undefined ? whatOf(fact) : `: ${fact.note.summary}`}`,
      ),
    ),
  );
  const isEmpty = parts.length === 0 && more.length === 0;
  return [
    `# What Linux ${name} brought to BPF`,
    told.filter(Boolean).join(" "),
    ...parts,
    ...more,
    isEmpty ? "Nothing that Hookpoint knows of." : "",
  ]
    .filter(Boolean)
    .join("\n\n");
}

/** Abilities say what they are, others have notes. */
function whatOf(fact: object): string {
  const { what } = fact as { readonly what?: string };
  return what === undefined ? "" : `: ${what}.`;
}

/** Who may call what was read from kernels from here on: what stands there may have come before. */
const FIRST_READ = "4.9";

interface Allowed {
  readonly name: string;
  readonly since?: string;
  readonly allowed: readonly Allowance[];
}

/** What was there before, and came to be allowed elsewhere. */
function widened(title: string, facts: readonly Allowed[], release: string): readonly string[] {
  if (release === FIRST_READ) return [];
  const lines = facts.flatMap(({ name, since, allowed }) => {
    if (since === undefined || since === release) return [];
    const before = new Set(allowed.filter((one) => isEarlier(one.since, release)).flatMap((one) => one.in));
    const programs = allowed
      // What may have come a release earlier is not said of this one.
      .filter((one) => one.since === release && one.maybe === undefined)
      .flatMap((one) => one.in)
      .filter((program) => !before.has(program) && !before.has("*"));
    return programs.length === 0 ? [] : [`\`${name}\`: ${[...new Set(programs)].map(programText).join(", ")}`];
  });
  return lines.length === 0 ? [] : [section(title, lines)];
}

function programText(program: string): string {
  return program === "*" ? "all programs" : `\`${program.toLowerCase()}\``;
}

function newFields(release: string, { facts }: KnowledgeBase): readonly string[] {
  const lines = facts.contexts.flatMap(({ name, fields }) => {
    const added = fields.filter(({ since }) => since === release).map((field) => `\`${field.name}\``);
    return added.length === 0 || added.length === fields.length ? [] : [`\`struct ${name}\`: ${added.join(", ")}`];
  });
  return lines.length === 0 ? [] : [section("Fields of contexts", lines)];
}

function distributionPage(distribution: DistributionFact, kb: KnowledgeBase): string {
  const { title, kernel, kernels = [], aliases = [], btf, backports = [], backportsKnown, missing = [] } = distribution;
  const { bpfRebase, knownFeatures = [], remark } = distribution;
  const lines = [
    `Made from Linux ${kernel}${kernels.length === 0 ? "" : `, later ${kernels.join(", ")}`}: all that came to BPF until then, and what is listed here.`,
    bpfRebase === undefined ? undefined : `Its maker says that it has the BPF of Linux ${bpfRebase}.`,
    `Types of the kernel (\`/sys/kernel/btf/vmlinux\`): ${btf === true ? "yes" : btf === false ? "no" : btf}.`,
    aliases.length === 0 ? undefined : `Also as a target: ${aliases.map((alias) => `\`${alias}\``).join(", ")}.`,
    backportsKnown === "no" ? "Whether something was brought back to it is not known." : undefined,
    backportsKnown === "partly" ? "More may have been brought back to it than is listed." : undefined,
    backportsKnown === "none" ? "Nothing was brought back to it." : undefined,
    remark,
  ];
  const byKind = new Map<KernelKind, string[]>();
  for (const name of backports) {
    const kind = kindOf(name, kb) ?? "flags";
    byKind.set(kind, [...(byKind.get(kind) ?? []), linked(kind, name)]);
  }
  return [
    `# What is in ${title}`,
    lines.filter(Boolean).join("\n\n"),
    ...(Object.keys(TITLES) as KernelKind[]).flatMap((kind) => {
      const names = byKind.get(kind);
      return names === undefined ? [] : [section(`${TITLES[kind]} brought back`, names)];
    }),
    missing.length === 0
      ? ""
      : section(
          "Built without",
          missing.map((name) => `\`${name}\``),
        ),
    knownFeatures.length === 0
      ? ""
      : section(
          "Tried on it",
          knownFeatures.map(({ feature, works }) => `\`${feature}\` ${works ? "works" : "fails"}`),
        ),
  ]
    .filter(Boolean)
    .join("\n\n");
}

function kindOf(name: string, { facts }: KnowledgeBase): KernelKind | undefined {
  return (Object.keys(TITLES) as KernelKind[]).find((kind) =>
    (facts[KERNEL_KINDS[kind].key] as readonly { readonly name: string }[]).some((fact) => fact.name === name),
  );
}

function linked(kind: KernelKind, name: string): string {
  const page = PAGES[kind];
  return page === undefined ? `\`${name}\`` : docsLink(`${page}/${name}`, `\`${name}\``);
}

function section(title: string, lines: readonly string[]): string {
  return [`## ${title}`, lines.map((line) => `- ${line}`).join("\n")].join("\n\n");
}

function singular(kind: KernelKind): string {
  return kind.replace(/ies$/, "y").replace(/s$/, "").replace("-", " ");
}

function counted(release: string, facts: KnowledgeBase["facts"]): string {
  const all = [...gainedIn(release, facts)].map(([, found]) => found.length);
  const count = all.reduce((sum, one) => sum + one, 0);
  return count === 0 ? "" : `${count} new`;
}

function newestFirst(kernels: readonly KernelFact[]): readonly KernelFact[] {
  return kernels.toSorted((a, b) => (isEarlier(a.name, b.name) ? 1 : -1));
}

function isEarlier(a: string, b: string): boolean {
  const [left, right] = [parseRelease(a), parseRelease(b)];
  return left !== undefined && right !== undefined && compareReleases(left, right) < 0;
}
