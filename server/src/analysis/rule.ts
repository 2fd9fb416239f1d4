/** The interface every rule implements: a rule is a value that says all about itself. */

import type { KnowledgeBase } from "./knowledge/knowledge-base.ts";
import type { Target } from "./knowledge/target.ts";
import type { BpfModel } from "./model.ts";
import type { Range, TextEdit } from "./text.ts";

/**
 * error: it will not compile or load · warning: likely bug or refused by the verifier · info: probably not intended ·
 * hint: a newer way exists
 */
export type Severity = "error" | "warning" | "info" | "hint";

export interface RuleMeta {
  /** The file's name. Names the wrong pattern and reads well after "allow". */
  readonly id: string;
  readonly summary: string;
  /** Why it matters, as Markdown. */
  readonly rationale: string;
  readonly severity: Severity;
  /** The kernel from which the advice applies: the rule is silent while a target is older. */
  readonly since?: string;
  /** Whether its fixes keep the meaning of the program (`safe`), may change it (`unsafe`), or do not exist. */
  readonly fix: "none" | "safe" | "unsafe";
  /** Strikes the code through in the editor. */
  readonly deprecated?: boolean;
  /** Executed by the tests: `bad` is found, `good` is clean, and the first fix turns one into the other. */
  readonly examples: readonly { readonly bad: string; readonly good: string }[];
}

export interface Rule {
  readonly meta: RuleMeta;
  check(ctx: RuleContext): Iterable<Report>;
}

export interface RuleContext {
  readonly model: BpfModel;
  readonly kb: KnowledgeBase;
  readonly targets: readonly Target[];
}

export interface Report {
  readonly range: Range;
  readonly message: string;
  /** Best first: the editor marks the first as preferred, `--fix` applies it. */
  readonly fixes?: readonly Fix[];
}

export interface Fix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
}
