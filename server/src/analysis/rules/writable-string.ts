/** Rule: a text that the verifier must read, in memory that may still change. */

import { insertAt, replace } from "../edits.ts";
import { helperCalls } from "../for-rules/calls.ts";
import { mayBeLeftOut } from "../for-rules/runs.ts";
import type { BpfFunction, BpfModel, Global } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

export const writableString: Rule = {
  meta: {
    id: "writable-string",
    group: "calls",
    summary: "A format or a text to compare with that is not constant",
    rationale: `The verifier reads formats and some texts when it loads the program, so nobody may write to them any more. They are
a string in quotes, or a variable of the file that is \`const\`: the format of \`bpf_snprintf()\`, the second text of
\`bpf_strncmp()\`. It ends with a zero, for which there must be room in the array. For any other the message is \`R3 does not point to a readonly map\`.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `char format[] = "%d";

SEC("tc")
int print(struct __sk_buff *skb)
{
	char text[16];
	__u64 args[] = {skb->len};

	return bpf_snprintf(text, sizeof(text), format, args, sizeof(args));
}`,
        good: `const char format[] = "%d";

SEC("tc")
int print(struct __sk_buff *skb)
{
	char text[16];
	__u64 args[] = {skb->len};

	return bpf_snprintf(text, sizeof(text), format, args, sizeof(args));
}`,
        refused: { by: "kernel", says: "does not point to a readonly map" },
      },
      {
        bad: `const char wanted[4] = "curl";

SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
	char comm[16];

	bpf_get_current_comm(comm, sizeof(comm));
	return bpf_strncmp(comm, sizeof(comm), wanted);
}`,
        good: `const char wanted[] = "curl";

SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
	char comm[16];

	bpf_get_current_comm(comm, sizeof(comm));
	return bpf_strncmp(comm, sizeof(comm), wanted);
}`,
        refused: { by: "kernel", says: "string is not zero-terminated" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    for (const { call, helper } of helperCalls(ctx)) {
      const arg = call.args[helper.params.findIndex(({ kind }) => kind === "string")];
      const name = /^&?\s*([A-Za-z_]\w*)(?:\s*\[\s*0\s*\])?$/.exec(arg?.text ?? "")?.[1];
      const global = name === undefined ? undefined : model.globals.find((one) => one.name === name);
      if (arg === undefined || name === undefined || global === undefined) continue;
      if (model.redefines(name) || isLocal(name, call.in, model) || mayBeLeftOut(call, model)) continue;
      const related = [{ range: global.nameRange, message: "declared here" }];
      if (isEndless(global, model)) {
        const message = `${name} has no zero at its end: the verifier refuses it as a text`;
        yield { range: arg.range, message, fixes: roomFor(global, model), related };
      }
      if (!isWritable(global)) continue;
      yield {
        range: arg.range,
        message: `${name} may be written to: the verifier refuses it as a text for ${call.name}()`,
        fixes: fixesFor(global, model),
        related,
      };
    }
  },
};

/** A variable that is a pointer may well point to what is constant, and one of a section of its own may be anywhere. */
function isWritable({ kind, type, bounds }: Global): boolean {
  return (
    (kind === "data" || kind === "bss") && bounds.trim() !== "" && !/\bconst\b|\*/.test(type) && /\bchar\b/.test(type)
  );
}

/** `char text[4] = "four";`: C leaves out the zero for which there is no room. */
function isEndless({ kind, range, bounds }: Global, model: BpfModel): boolean {
  const [, count, text] = /^\[([^\]]+)\]$/.test(bounds.trim())
    ? (/\[([^\]]+)\]\s*=\s*"([^"\\]*)"\s*;?$/.exec(model.code.textOf(range).trim()) ?? [])
    : [];
  if (kind !== "rodata" || count === undefined || text === undefined) return false;
  const room = model.valueOf(count);
  return room !== undefined && BigInt(text.length) >= room;
}

/** The compiler counts by itself how much room is needed. */
function roomFor({ nameRange, range }: Global, { code }: BpfModel): readonly Fix[] {
  const brackets = /^\s*\[([^\]]*)\]/.exec(code.textOf({ start: nameRange.end, end: range.end }));
  const [all, count] = brackets ?? [];
  if (all === undefined || count === undefined) return [];
  const end = code.lines.offsetAt(nameRange.end) + all.length - 1;
  const room = code.lines.rangeOf({ start: end - count.length, end });
  return [{ title: "Make room for the zero", edits: [replace(room, "")] }];
}

function isLocal(name: string, fn: BpfFunction | undefined, model: BpfModel): boolean {
  if (fn === undefined) return true;
  return fn.params.some((param) => param.name === name) || model.code.localNames(fn).has(name);
}

function fixesFor({ name, range, nameRange }: Global, { code }: BpfModel): readonly Fix[] {
  const words = code.textOf({ start: range.start, end: nameRange.start });
  const word = /\b(?:unsigned |signed )?char\s*$/.exec(words);
  if (word === null) return [];
  const at = code.lines.positionAt(code.lines.offsetAt(range.start) + word.index);
  return [{ title: `Make ${name} const`, edits: [insertAt(at, "const ")] }];
}
