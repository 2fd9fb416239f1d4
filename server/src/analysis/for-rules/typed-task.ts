/** For rules about addresses: where the current task was asked for as a number, it may be asked for as a pointer. */

import { replaceCallee } from "../edits.ts";
import type { Found } from "../flow/walk.ts";
import type { Fix, RuleContext } from "../rule.ts";
import { haveKernelTypes, programsFor } from "./newer.ts";

const NEWER = "bpf_get_current_task_btf";

/** Undefined where the finding is about something else, or where a target lacks the newer helper. */
export function typedTask({ about, story }: Found, ctx: RuleContext): Fix | undefined {
  const place = about === "bpf_get_current_task" ? story?.[0]?.span : undefined;
  if (place === undefined || !haveKernelTypes(ctx) || ctx.model.redefines(about)) return undefined;
  const { lines } = ctx.model.code;
  const call = ctx.model.calls.find(
    ({ name, closed, nameRange }) => name === about && closed && lines.offsetAt(nameRange.start) === place.start,
  );
  if (call === undefined || programsFor(call, { kind: "helper", name: NEWER }, ctx) === undefined) return undefined;
  return replaceCallee(call, NEWER);
}
