/** A kernel that can be asked: this machine's, one in a guest, one behind ssh. Each is one file that makes one of these. */

import type { PlaceOfName } from "../../analysis/verifier/source-places.ts";
import type { Work } from "../choices.ts";
import type { AgentHello, Tried, Unopened } from "./tried.ts";

export interface AskableKernel {
  /** What people call it: "this machine", "6.1.0-56-cloud-amd64", "build.example". */
  readonly name: string;
  /** Loads every program of an object alone, attaches nothing unasked, keeps nothing. */
  verify(object: string, wish: VerifyWish, work: Work): Promise<KernelAnswer>;
}

export interface VerifyWish {
  /** Only these programs; all where it is empty. */
  readonly programs: readonly string[];
  /** Whether to count how often each instruction is looked at: takes a second, longer look at what is accepted. */
  readonly visits: boolean;
  /** Whether to attach each by its section as well, and take it off again. */
  readonly attach?: boolean;
  /** What `freplace` programs replace a function of. */
  readonly target?: VerifyTarget;
  /** Where names stand in the C source; asked only when something was said without a line. */
  readonly source?: () => Promise<PlaceOfName | undefined>;
}

export interface VerifyTarget {
  readonly object: string;
  /** The one that has the function, where it is not given. */
  readonly program?: string;
}

export interface KernelAnswer {
  readonly hello: AgentHello;
  readonly programs: readonly Tried[];
  readonly unopened: Unopened | undefined;
  /** Programs that were asked for, and are not in the object. */
  readonly missing: readonly string[];
}
