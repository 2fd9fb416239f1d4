/** Rule: a text that the verifier must read, in memory that may still change. */

import { insertAt } from "../edits.ts";
import { helperOf, mayBeLeftOut } from "../for-rules/runs.ts";
import type { BpfFunction, BpfModel, Global } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

export const writableString: Rule = {
  meta: {
    id: "writable-string",
    group: "calls",
    summary: "A format or a text to compare with that is not constant",
    rationale: `The verifier reads formats and some texts when it loads the program, so nobody may write to them any more. They are
a string in quotes, or a variable of the file that is \`const\`: the format of \`bpf_snprintf()\`, the second text of
\`bpf_strncmp()\`. For any other the message is \`R3 does not point to a readonly map\`.`,
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
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    for (const call of model.calls) {
      const index = helperOf(call, ctx)?.params?.findIndex(({ kind }) => kind === "string") ?? -1;
      const arg = index < 0 ? undefined : call.args[index];
      const name = /^&?\s*([A-Za-z_]\w*)(?:\s*\[\s*0\s*\])?$/.exec(arg?.text ?? "")?.[1];
      if (arg === undefined || name === undefined || model.redefines(name) || isLocal(name, call.in, model)) continue;
      const global = model.globals.find((one) => one.name === name);
      if (global === undefined || !isWritable(global) || mayBeLeftOut(call, model)) continue;
      yield {
        range: arg.range,
        message: `${name} may be written to: the verifier refuses it as a text for ${call.name}()`,
        fixes: fixesFor(global, model),
        related: [{ range: global.nameRange, message: "declared here" }],
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

function isLocal(name: string, fn: BpfFunction | undefined, { code }: BpfModel): boolean {
  if (fn === undefined) return true;
  return fn.params.some((param) => param.name === name) || code.locals(fn).some(({ text }) => text === name);
}

function fixesFor({ name, range, nameRange }: Global, { code }: BpfModel): readonly Fix[] {
  const words = code.textOf({ start: range.start, end: nameRange.start });
  const word = /\b(?:unsigned |signed )?char\s*$/.exec(words);
  if (word === null) return [];
  const at = code.lines.positionAt(code.lines.offsetAt(range.start) + word.index);
  return [{ title: `Make ${name} const`, edits: [insertAt(at, "const ")] }];
}
