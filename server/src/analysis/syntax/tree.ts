/** What is known of trees without a parser at hand: their shape, and a tree that is made only when somebody asks. */

import type { Span } from "../text.ts";

/** A parsed text. Holds memory outside the JavaScript heap: whoever parses disposes. */
export interface Parsed {
  readonly guards: readonly GuardNode[];
  /** Places where the text is not C: what the parser skipped or had to make up. */
  readonly errors: () => readonly Span[];
  readonly dispose: () => void;
}

/** A stretch that runs only when a condition about the kernel holds, or only when it does not. */
export interface GuardNode {
  readonly condition: Span;
  readonly holds: boolean;
  readonly region: Span;
}

export interface Syntax {
  /** Parses `text`; given the parse of an earlier text it reads again only what changed. */
  parse(text: string, previous?: { readonly text: string; readonly parsed: Parsed }): Parsed;
}

/** What programs ask about the kernel that they run on. To declare such a variable is to ask nothing yet. */
const ASKS_THE_KERNEL =
  /\b(?:bpf_core_(?:enum_value|type|field)_(?:exists|matches)|bpf_ksym_exists|(?:LINUX_KERNEL_VERSION|LINUX_HAS_\w+)\b(?!\s*__kconfig))\b/;

/** Whether a text may hold guards. Most do not, and are never parsed. */
export function asksTheKernel(text: string): boolean {
  return ASKS_THE_KERNEL.test(text);
}

/** The tree of one text, parsed on demand, and incrementally when the text before was parsed. */
export class LazyTree {
  private readonly syntax: Syntax | undefined;
  private readonly text: string;
  private before: Earlier | undefined;
  private parsed: Parsed | undefined;

  constructor(syntax: Syntax | undefined, text: string, previous?: LazyTree) {
    this.syntax = syntax;
    this.text = text;
    this.before = previous?.handOver();
  }

  get(): Parsed {
    if (this.parsed === undefined) {
      if (this.syntax === undefined) throw new Error("this model was built without a parser");
      this.parsed = this.syntax.parse(this.text, this.before);
      this.before?.parsed.dispose();
      this.before = undefined;
    }
    return this.parsed;
  }

  dispose(): void {
    this.parsed?.dispose();
    this.before?.parsed.dispose();
    this.parsed = undefined;
    this.before = undefined;
  }

  /** Gives the newest tree there is to the text that comes after this one. */
  private handOver(): Earlier | undefined {
    const latest = this.parsed === undefined ? this.before : { text: this.text, parsed: this.parsed };
    this.parsed = undefined;
    this.before = undefined;
    return latest;
  }
}

interface Earlier {
  readonly text: string;
  readonly parsed: Parsed;
}
