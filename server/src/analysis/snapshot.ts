/** One version of one document with what it means. Never changes. */

import type { BpfModel } from "./model.ts";
import type { Lines } from "./text.ts";

export interface Snapshot {
  readonly uri: string;
  readonly text: string;
  readonly lines: Lines;
  readonly model: BpfModel;
}
