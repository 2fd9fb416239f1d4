/** Rule: a function of libc, which no BPF program has. */

import { insertInclude, replace, replaceCallee } from "../edits.ts";
import { callsTo } from "../for-rules/calls.ts";
import { isForBcc } from "../for-rules/file-kinds.ts";
import type { BpfModel, Call } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";
import type { TextEdit } from "../text.ts";

export const libcCall: Rule = {
  meta: {
    id: "libc-call",
    group: "calls",
    summary: "A function of libc, which no BPF program has",
    rationale: `A BPF program is linked with nothing: it can call its own functions, helpers and kfuncs. clang stops at a
function of libc with \`call to undeclared library function\`; where a header of libc declares it the load fails instead,
with \`failed to find BTF for extern 'strlen'\`. A few it can do itself, when they are called by their other name: it turns
\`__builtin_memset()\` and its relatives into plain stores, as long as it knows the size.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
	char name[16];

	memset(name, 0, sizeof(name));
	bpf_get_current_comm(name, sizeof(name));
	bpf_printk("%s", name);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";`,
        good: `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
	char name[16];

	__builtin_memset(name, 0, sizeof(name));
	bpf_get_current_comm(name, sizeof(name));
	bpf_printk("%s", name);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";`,
        refused: { by: "clang", says: "call to undeclared library function 'memset'" },
      },
      {
        bad: `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("tp/sched/sched_process_exec")
int on_exec(struct trace_event_raw_sched_process_exec *ctx)
{
	char name[16];

	bpf_get_current_comm(name, sizeof(name));
	if (strncmp(name, "bash", sizeof(name)) == 0)
		printf("bash, pid %d\\n", ctx->pid);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";`,
        good: `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("tp/sched/sched_process_exec")
int on_exec(struct trace_event_raw_sched_process_exec *ctx)
{
	char name[16];

	bpf_get_current_comm(name, sizeof(name));
	if (bpf_strncmp(name, sizeof(name), "bash") == 0)
		bpf_printk("bash, pid %d\\n", ctx->pid);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";`,
        refused: { by: "clang", says: "call to undeclared library function 'printf'" },
      },
      {
        bad: `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define ETH_P_IP 0x0800

SEC("tc")
int only_ip(struct __sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IP) ? 0 : 2;
}`,
        good: `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define ETH_P_IP 0x0800

SEC("tc")
int only_ip(struct __sk_buff *skb)
{
	return skb->protocol == bpf_htons(ETH_P_IP) ? 0 : 2;
}`,
        refused: { by: "clang", says: "call to undeclared function 'htons'" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    const named = callsTo(LIBC, model);
    // Of what a fragment or a header stands behind nothing is known; bcc brings some of these itself.
    if (named.length === 0 || model.includes.length === 0 || model.programs.length === 0) return;
    if (model.unread().length > 0 || isForBcc(ctx)) return;
    for (const call of named) {
      if (call.in === undefined || model.redefines(call.name) || model.declared(call.name) !== undefined) continue;
      const report = reportOf(call, model);
      if (report !== undefined) yield report;
    }
  },
};

interface Remedy {
  /** Behind a colon. */
  readonly advice?: string;
  readonly fix?: (call: Call, model: BpfModel) => Fix | undefined;
  /** With its header clang does it by itself, if it knows the size or the text. */
  readonly isBuiltin?: true;
  /** Headers that turn it into something that works. */
  readonly works?: RegExp;
}

function reportOf(call: Call, model: BpfModel): Report | undefined {
  const { name, nameRange } = call;
  const { advice, fix, isBuiltin, works }: Remedy = LIBC.get(name) ?? {};
  if (isBuiltin && mayBeDeclared(model)) return undefined;
  if (works !== undefined && model.includes.some(({ path }) => works.test(path))) return undefined;
  const fixed = fix?.(call, model);
  return {
    range: nameRange,
    message: `${name}() is libc's, and a BPF program has no libc${advice === undefined ? "" : `: ${advice}`}`,
    ...(fixed !== undefined && { fixes: [fixed] }),
  };
}

/** Headers of the kernel's and clang's own that surely do not declare what <string.h> does. */
function mayBeDeclared({ includes }: BpfModel): boolean {
  return !includes.every(({ path }) => SILENT.test(path));
}

const SILENT =
  /(?:^|\/)vmlinux[^/]*\.h$|(?:^|\/)(?:bpf_(?:helpers|helper_defs|tracing|core_read|endian)|usdt\.bpf)\.h$|^(?:linux|asm)\/(?!string\.h)|^std(?:def|int|bool)\.h$/;

const builtin = (name: string): readonly [string, Remedy] => [
  name,
  {
    isBuiltin: true,
    advice: `clang does __builtin_${name}() by itself where it knows the size`,
    fix: (call, model) => (hasKnownSize(call, model) ? rename(call, `__builtin_${name}`, "safe") : undefined),
  },
];

const byteOrder = (name: string): readonly [string, Remedy] => [
  name,
  {
    advice: `bpf_${name}() does the same`,
    fix: (call, model) => renameFrom(call, `bpf_${name}`, "bpf/bpf_endian.h", model),
    works: /^(?:arpa|netinet|uapi)\//,
  },
];

const advised = (names: string, advice?: string, fix?: Remedy["fix"]): readonly (readonly [string, Remedy])[] =>
  names.split(" ").map((name) => [name, { ...(advice !== undefined && { advice }), ...(fix && { fix }) }] as const);

const LIBC: ReadonlyMap<string, Remedy> = new Map([
  ...["memset", "memcpy", "memmove", "memcmp"].map(builtin),
  ...["htons", "htonl", "ntohs", "ntohl"].map(byteOrder),
  ...advised("printf", "bpf_printk() writes to the kernel's trace pipe", (call) => rename(call, "bpf_printk")),
  ...advised("puts putchar fprintf fputs perror", "bpf_printk() writes to the kernel's trace pipe"),
  ...advised("snprintf", "BPF_SNPRINTF() does much the same", (call) =>
    hasLiteral(call, 2) ? rename(call, "BPF_SNPRINTF") : undefined,
  ),
  ...advised("sprintf", "BPF_SNPRINTF() does much the same"),
  ...advised("malloc calloc realloc free", "memory comes from maps, such as a per-CPU array"),
  ...advised("strncmp", "bpf_strncmp() compares with a constant text", toBpfStrncmp),
  ...advised("strcmp strcasecmp strncasecmp", "bpf_strncmp() compares with a constant text"),
  ...advised(
    "strcpy strncpy strcat strncat strlcpy",
    "bpf_probe_read_kernel_str() or bpf_probe_read_user_str() copies a text",
  ),
  ...advised("strchr strrchr strstr strtok memchr qsort sscanf"),
  ...advised("atoi atol strtol strtoul strtoll strtoull", "bpf_strtol() and bpf_strtoul() read numbers"),
  ...advised("abs", "clang does __builtin_abs() by itself", (call) => rename(call, "__builtin_abs", "safe")),
  ...advised("rand random", "bpf_get_prandom_u32() is a random number", (call) =>
    call.args.length === 0 ? rename(call, "bpf_get_prandom_u32") : undefined,
  ),
  ...advised("gettimeofday clock_gettime", "bpf_ktime_get_ns() is the time since the machine started"),
  ...advised("getpid gettid", "bpf_get_current_pid_tgid() has both"),
  ...advised("getuid getgid geteuid", "bpf_get_current_uid_gid() has both"),
  ...advised("sleep usleep nanosleep", "a bpf_timer runs something later"),
  [
    "strlen",
    {
      isBuiltin: true,
      advice: "bpf_probe_read_kernel_str() returns the length of what it copies",
      fix: (call) => (hasLiteral(call, 0) ? rename(call, "__builtin_strlen", "safe") : undefined),
    },
  ],
]);

function hasKnownSize({ args }: Call, model: BpfModel): boolean {
  const size = args[2]?.text ?? "";
  return args.length === 3 && (/^sizeof\b[^?]*$/.test(size) || model.valueOf(size) !== undefined);
}

function hasLiteral({ args }: Call, place: number): boolean {
  return /^(?:"(?:[^"\\]|\\.)*"\s*)+$/.test(args[place]?.text ?? "");
}

function rename(call: Call, name: string, safety: "safe" | "unsafe" = "unsafe"): Fix {
  return { ...replaceCallee(call, name), safety };
}

function renameFrom(call: Call, name: string, header: string, model: BpfModel): Fix {
  const isThere = model.includes.some(({ path }) => path.endsWith(header.replace(/^.*\//, "")));
  const include: readonly TextEdit[] = isThere ? [] : [insertInclude(header, model)];
  const fix = rename(call, name, "safe");
  return { ...fix, edits: [...fix.edits, ...include] };
}

/** The text comes last there. */
function toBpfStrncmp(call: Call): Fix | undefined {
  const [a, b, size] = call.args;
  if (a === undefined || b === undefined || size === undefined || !hasLiteral(call, 1)) return undefined;
  const text = `bpf_strncmp(${a.text}, ${size.text}, ${b.text})`;
  return { title: "Replace with bpf_strncmp()", edits: [replace(call.range, text)] };
}
