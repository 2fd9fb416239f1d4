/** Rule: a kfunc that the file does not declare, or not as one. */

import { insertAfterIncludes, insertAt } from "../edits.ts";
import { callsWhere } from "../for-rules/calls.ts";
import { hasVmlinux } from "../kernel-headers.ts";
import { declare, type KnowledgeBase } from "../knowledge/knowledge-base.ts";
import type { KfuncFact } from "../knowledge/types.ts";
import type { BpfModel, Call, Declaration } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

export const undeclaredKfunc: Rule = {
  meta: {
    id: "undeclared-kfunc",
    group: "calls",
    summary: "A kfunc that the file does not declare, or not as one",
    rationale: `Kfuncs are functions of one kernel that headers rarely declare: the program does so itself, with \`__ksym\`.
It reads \`extern void bpf_rcu_read_lock(void) __ksym;\`. A \`vmlinux.h\` that a bpftool of 2024 or later wrote has these
lines already. Without any declaration clang stops at the call. Without \`__ksym\` it takes the function for one that
another file of the program defines, and libbpf says \`failed to find BTF for extern 'bpf_rcu_read_lock' section\`.`,
    severity: "error",
    fix: "safe",
    examples: [
      {
        bad: `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int f(struct __sk_buff *skb)
{
	struct bpf_dynptr packet;

	return bpf_dynptr_from_skb(skb, 0, &packet) ? 2 : 0;
}

char LICENSE[] SEC("license") = "GPL";`,
        good: `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int bpf_dynptr_from_skb(struct __sk_buff *s, __u64 flags, struct bpf_dynptr *ptr__uninit) __ksym;

SEC("tc")
int f(struct __sk_buff *skb)
{
	struct bpf_dynptr packet;

	return bpf_dynptr_from_skb(skb, 0, &packet) ? 2 : 0;
}

char LICENSE[] SEC("license") = "GPL";`,
        refused: { by: "clang", says: "call to undeclared function 'bpf_dynptr_from_skb'" },
      },
      {
        bad: `extern int bpf_dynptr_from_skb(struct __sk_buff *s, __u64 flags, struct bpf_dynptr *ptr__uninit);

SEC("tc")
int f(struct __sk_buff *skb)
{
	struct bpf_dynptr packet;

	return bpf_dynptr_from_skb(skb, 0, &packet) ? TCX_DROP : TCX_PASS;
}`,
        good: `extern int bpf_dynptr_from_skb(struct __sk_buff *s, __u64 flags, struct bpf_dynptr *ptr__uninit) __ksym;

SEC("tc")
int f(struct __sk_buff *skb)
{
	struct bpf_dynptr packet;

	return bpf_dynptr_from_skb(skb, 0, &packet) ? TCX_DROP : TCX_PASS;
}`,
        refused: { by: "libbpf", says: "failed to find BTF for extern 'bpf_dynptr_from_skb'" },
      },
    ],
  },

  *check({ model, kb }: RuleContext): Iterable<Report> {
    const seen = new Set<string>();
    for (const call of callsWhere((name) => kb.kfunc(name) !== undefined, model)) {
      if (call.in === undefined || seen.has(call.name)) continue;
      seen.add(call.name);
      const kfunc = kb.kfunc(call.name);
      if (kfunc === undefined || kfunc.allowed.length === 0 || model.redefines(call.name)) continue;
      const declaration = model.declared(call.name);
      const report =
        declaration !== undefined
          ? undecorated(declaration, call)
          : isDeclaredByLibbpf(call.name, kb)
            ? undefined
            : undeclared(kfunc, call, model);
      if (report !== undefined) yield report;
    }
  },
};

/** libbpf's headers declare the kfuncs that their own macros call. */
function isDeclaredByLibbpf(name: string, { facts }: KnowledgeBase): boolean {
  return facts.macros.some(({ needs }) => needs?.some((need) => need.kind === "kfunc" && need.name === name));
}

/** Only where every header is known, and a program stands: what a header lacks, who includes it may bring. */
function undeclared(kfunc: KfuncFact, { name, nameRange }: Call, model: BpfModel): Report | undefined {
  const { includes, programs } = model;
  if (includes.length === 0 || programs.length === 0 || hasVmlinux(model) || model.unread().length > 0)
    return undefined;
  const line = declarationOf(kfunc, model);
  return {
    range: nameRange,
    message: `${name}() is a kfunc that nothing declares: clang refuses the call`,
    ...(line !== undefined && { fixes: [{ title: `Declare ${name}()`, edits: [insertAfterIncludes(line, model)] }] }),
  };
}

/** With nothing behind the parameters that could be an attribute under another name. */
function undecorated({ text, isKsym, range }: Declaration, { name }: Call): Report | undefined {
  if (isKsym || range === undefined || !/\)\s*(?:__weak\s*)?;$/.test(text) || /\bsection\b|\bksym/.test(text))
    return undefined;
  const end = { ...range.end, character: range.end.character - 1 };
  const fix: Fix = { title: "Add __ksym", edits: [insertAt(end, " __ksym")] };
  return {
    range,
    message: `${name}() is a kfunc, declared without __ksym: libbpf refuses the file`,
    fixes: [fix],
  };
}

/** From the base's prototype, in the names that a file without vmlinux.h has; undefined where a type is missing. */
function declarationOf({ name, returns, params }: KfuncFact, model: BpfModel): string | undefined {
  if (returns === undefined || params === undefined) return undefined;
  const types = [returns, ...params.map(({ type }) => type)];
  if (!types.every((type) => isAtHand(type, model))) return undefined;
  const list = params.map(({ type, name: param }) => declare(plain(type), param)).join(", ");
  return `extern ${declare(plain(returns), name)}(${list === "" ? "void" : list}) __ksym;`;
}

/** A structure that is only named, and not defined, would not match the kernel's. */
function isAtHand(type: string, model: BpfModel): boolean {
  const [, tag, name = ""] = /\b(struct|union|enum)\s+(\w+)/.exec(type) ?? [];
  if (tag !== undefined) return IN_BPF_H.has(name) || model.layoutOf(`${tag} ${name}`) !== undefined;
  return /^(?:const\s+)?(?:void|bool|int|char|long|(?:unsigned|signed)(?:\s+(?:int|long|char|long long))?|_{0,2}[us](?:8|16|32|64)|size_t)(?:\s*\*+)?(?:\s*__user\s*\*)?$/.test(
    type.trim(),
  );
}

/** linux/bpf.h defines them. */
const IN_BPF_H = new Set(["__sk_buff", "xdp_md", "bpf_dynptr", "bpf_sock_tuple", "bpf_fib_lookup", "bpf_timer"]);

function plain(type: string): string {
  return type
    .replace(/\b([us])(8|16|32|64)\b/g, "__$1$2")
    .replace(/\bsize_t\b/g, "unsigned long")
    .replace(/\bbool\b/g, "_Bool")
    .replace(/\s*__user\s*/g, " ");
}
