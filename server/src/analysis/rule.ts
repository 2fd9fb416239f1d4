/** The interface every rule implements: a rule is a value that says all about itself. */

import type { KnowledgeBase } from "./knowledge/knowledge-base.ts";
import type { Target } from "./knowledge/target.ts";
import type { BpfModel } from "./model.ts";
import type { SuppressedRule } from "./suppressions.ts";
import type { Range, TextEdit } from "./text.ts";

/**
 * error: it will not compile or load · warning: likely bug or refused by the verifier · info: probably not intended ·
 * hint: a newer way exists
 */
export type Severity = "error" | "warning" | "info" | "hint";

/** Where a rule stands in the documentation. */
export type RuleGroup = "sections" | "licence" | "kernels" | "calls" | "maps" | "toolchain" | "better ways" | "paths";

export interface RuleMeta {
  /** The file's name. Names the wrong pattern and reads well after "allow". */
  readonly id: string;
  readonly group: RuleGroup;
  readonly summary: string;
  /** Why it matters, as Markdown. The command line shows the first sentence alone. */
  readonly rationale: string;
  readonly severity: Severity;
  /** Silent until somebody gives it a severity. */
  readonly off?: true;
  /** The kernel from which the advice applies: the rule is silent while a target is older. */
  readonly since?: string;
  /** Whether its fixes keep the meaning of the program (`safe`), may change it (`unsafe`), or do not exist. */
  readonly fix: "none" | "safe" | "unsafe";
  /** What bpflint calls it: its comments are honoured. */
  readonly bpflint?: string;
  /** A compiler's front end complains of the same place, always: beside a server for C the finding is not shown twice. */
  readonly saidByC?: true;
  /** Strikes the code through in the editor. */
  readonly deprecated?: boolean;
  /** Fades the code in the editor: it could as well not be there. */
  readonly unnecessary?: boolean;
  readonly examples: readonly Example[];
}

/**
 * Executed by the tests: `bad` is found, `good` is clean, and the first fix turns one into the other. Without an
 * `#include` the text stands behind `#include "vmlinux.h"` and libbpf's headers; without a licence it gets "GPL".
 */
export interface Example {
  readonly bad: string;
  readonly good: string;
  /** As the setting `hookpoint.target`; none when left out. */
  readonly target?: string;
  /** As the setting `hookpoint.loader`. */
  readonly loader?: string;
  /** As the setting `hookpoint.arch`. */
  readonly arch?: string;
  /** Who refuses `bad`, and a part of what it then says. `npm run test:kernel` builds and loads both. */
  readonly refused?: {
    readonly by: "clang" | "libbpf" | "kernel";
    readonly says: string;
    /** The release whose kernel is asked in a guest, because the machine's own may take `bad`: `6.1`. */
    readonly on?: string;
  };
  /** Why a machine that builds and loads cannot show the difference: an older kernel, another loader. */
  readonly unshown?: string;
}

export interface Rule {
  readonly meta: RuleMeta;
  /** It runs when the findings of all others are known. */
  readonly last?: true;
  /** It has programs walked through: while somebody types it waits until they rest. */
  readonly walks?: true;
  /** Takes too long to look at each key, and waits as well. */
  readonly slow?: true;
  check(ctx: RuleContext): Iterable<Report>;
}

export interface RuleContext {
  readonly model: BpfModel;
  readonly kb: KnowledgeBase;
  readonly targets: readonly Target[];
  /** The setting `hookpoint.loader`. */
  readonly loader: string;
  /** The setting `hookpoint.arch`; empty for this machine's. */
  readonly arch: string;
  readonly allowed: Allowed;
}

/** What the driver knows of the comments that allow something. */
export interface Allowed {
  /** All rules that there are, whether they run or not. */
  readonly rules: readonly RuleMeta[];
  /** Names in comments that allowed nothing, of rules that ran. Complete only for a rule that runs `last`. */
  readonly unused: () => readonly SuppressedRule[];
}

export interface Report {
  readonly range: Range;
  /**
   * One line in clang's way: in lower case unless a name begins it, no full stop, at most about 120 characters. What is
   * wrong, then who refuses it: `map counts is static: libbpf refuses the file`. Functions with (), strings in double quotes;
   * `… is not on 5.4: first in 5.8`.
   */
  readonly message: string;
  /** Best first: the editor marks the first as preferred, `--fix` applies it. */
  readonly fixes?: readonly Fix[];
  /** When this one is less, or more, certain than the rule's findings are. */
  readonly severity?: Severity;
  /** Other places that belong to it. */
  readonly related?: readonly { readonly range: Range; readonly message: string }[];
}

export interface Fix {
  /** What it does, as an order of fewer than 60 characters: `Change to max_entries`, `Add SEC("xdp")`. */
  readonly title: string;
  readonly edits: readonly TextEdit[];
  /** Where it differs from what the rule says of its fixes. */
  readonly safety?: "safe" | "unsafe";
}
