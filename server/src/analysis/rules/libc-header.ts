/** Rule: a header of the C library, or of libbpf's user-space half, in a BPF program. */

import { removeLines, replace } from "../edits.ts";
import { callsWhere } from "../for-rules/calls.ts";
import { isForBcc, isHeader } from "../for-rules/file-kinds.ts";
import { defineThem } from "../for-rules/kernel-constants.ts";
import { isUnconditional } from "../kernel-headers.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import type { ConstantFact } from "../knowledge/types.ts";
import type { BpfModel, Inclusion } from "../model.ts";
import type { Fix, Report, Rule, RuleContext, Severity } from "../rule.ts";
import type { TextEdit } from "../text.ts";

export const libcHeader: Rule = {
  meta: {
    id: "libc-header",
    group: "toolchain",
    summary: "A header of user space in a BPF program",
    rationale: `A BPF program is not linked with a C library, so nothing that \`<stdio.h>\` or \`<stdlib.h>\` declare can be called.
Even including them fails on most x86 machines: clang's BPF target is none of those glibc knows, glibc takes it for the 32-bit
one, and \`'gnu/stubs-32.h' file not found\` is what the user sees. Installing the 32-bit library makes that message go away
and leaves a program that builds on one machine only; with \`vmlinux.h\` the next message is a redefinition of \`intptr_t\`.
\`<stdbool.h>\` and \`<stdarg.h>\` are the compiler's own and do no harm.

\`<bpf/libbpf.h>\` and \`<bpf/bpf.h>\` belong to the program that loads this one. They declare functions of the same names as
the helpers, such as \`bpf_map_lookup_elem()\`, so that both halves never go together.`,
    severity: "warning",
    fix: "safe",
    examples: [
      {
        bad: `#include <linux/bpf.h>
#include <stdio.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int f(struct xdp_md *ctx)
{
	bpf_printk("packet");
	return XDP_PASS;
}`,
        good: `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int f(struct xdp_md *ctx)
{
	bpf_printk("packet");
	return XDP_PASS;
}`,
        refused: { by: "clang", says: "file not found" },
      },
      {
        bad: `#include "vmlinux.h"
#include <string.h>
#include <bpf/bpf_helpers.h>

SEC("tracepoint/sched/sched_process_exec")
int f(void *ctx)
{
	char comm[16];
	memset(comm, 0, sizeof(comm));
	bpf_get_current_comm(comm, sizeof(comm));
	return comm[0] == 'a';
}`,
        good: `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("tracepoint/sched/sched_process_exec")
int f(void *ctx)
{
	char comm[16];
	__builtin_memset(comm, 0, sizeof(comm));
	bpf_get_current_comm(comm, sizeof(comm));
	return comm[0] == 'a';
}`,
        refused: { by: "clang", says: "file not found" },
      },
      {
        bad: `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/libbpf.h>

SEC("xdp")
int f(struct xdp_md *ctx)
{
	return XDP_PASS;
}`,
        good: `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int f(struct xdp_md *ctx)
{
	return XDP_PASS;
}`,
        refused: { by: "clang", says: "error" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    for (const include of model.includes) {
      const known = include.quoted ? undefined : userSpaceHeader(include);
      if (known === undefined) continue;
      if (model.programs.length === 0 || isHeader(model) || !isUnconditional(include, model)) continue;
      const severity = severityOf(known, ctx);
      if (severity === undefined) continue;
      yield {
        range: include.range,
        message: messageOf(include, known),
        severity,
        fixes: withoutIt(include, known, ctx),
      };
    }
  },
};

/** Undefined where it may well compile: glibc does not mistake BPF for a 32-bit machine on arm64. */
function severityOf({ kind }: LibcHeader, ctx: RuleContext): Severity | undefined {
  const { model, arch } = ctx;
  // bcc compiles with the kernel's headers, and with a target of its own.
  if (isForBcc(ctx)) return undefined;
  if (kind === "loader") return declaresHelpers(model) ? "error" : "warning";
  if (kind === "library") return "warning";
  if (arch !== "" && arch !== "x86_64") return undefined;
  return model.included().some((path) => /(?:^|\/)vmlinux\.h$/.test(path)) ? "info" : "hint";
}

function declaresHelpers({ includes }: BpfModel): boolean {
  return includes.some(({ path }) => /^bpf\/bpf_(?:helpers|tracing)\.h$/.test(path));
}

function messageOf({ path }: Inclusion, { kind, instead }: LibcHeader): string {
  if (kind === "loader") return `<${path}> is for the program that loads this one: ${instead}`;
  if (kind === "library") return `clang may not find <${path}> for BPF, and it is of no use here: ${instead}`;
  return `clang may not find <${path}> for BPF ("gnu/stubs-32.h"): ${instead}`;
}

interface LibcHeader {
  /** loader: of libbpf's other half · library: of functions · types: of types and numbers, which do work where it is found. */
  readonly kind: "loader" | "library" | "types";
  /** What to use in its place, as the end of a sentence. */
  readonly instead: string;
  /** Names in a program that come from it. */
  readonly offers: RegExp;
  /** A header with the same names that works. */
  readonly replacement?: string;
}

/** What the kernel's types, or `bpf_helpers.h`, bring as well. */
const KERNEL_TYPES =
  /^(?:NULL|size_t|ssize_t|off_t|loff_t|(?:p|u|g)id_t|mode_t|dev_t|time_t|clockid_t|u?int(?:8|16|32|64)_t|uintptr_t|ptrdiff_t)$/;

const header = (kind: LibcHeader["kind"], instead: string, offers: RegExp, replacement?: string): LibcHeader => ({
  kind,
  instead,
  offers,
  ...(replacement !== undefined && { replacement }),
});

const LIBBPF = "a BPF program includes <bpf/bpf_helpers.h>";
const NOTHING = "BPF programs have no C library";
const FUNCTIONS =
  /^(?:[A-Z][A-Z0-9]*_[A-Z0-9_]+|EOF|BUFSIZ|FILE|DIR|std(?:in|out|err)|errno|environ|size_t|ssize_t|NULL|\w+_t)$/;

const TABLE: ReadonlyMap<string, LibcHeader> = new Map([
  ...["bpf/libbpf.h", "bpf/bpf.h", "bpf/skel_internal.h"].map((path): [string, LibcHeader] => [
    path,
    header("loader", LIBBPF, /^(?:libbpf_\w+|LIBBPF_\w+|DECLARE_LIBBPF_OPTS)$/),
  ]),
  ["stdio.h", header("library", `${NOTHING}; bpf_printk() prints`, FUNCTIONS)],
  ["assert.h", header("library", `${NOTHING}; _Static_assert() needs no header`, /^(?:assert|static_assert)$/)],
  ["math.h", header("library", "BPF has no floating point", /^(?:M_\w+|INFINITY|NAN|HUGE_VAL)$/)],
  ...`stdlib unistd pthread locale dirent getopt setjmp poll sched libgen wchar ctype sys/ioctl sys/mman sys/stat sys/resource
  sys/wait sys/epoll sys/time sys/select sys/uio sys/file sys/utsname sys/un`
    .split(/\s+/)
    .map((name): [string, LibcHeader] => [`${name}.h`, header("library", NOTHING, FUNCTIONS)]),
  [
    "stdint.h",
    header(
      "types",
      "the kernel's __u32 and its kin are the same types",
      /^(?:u?int(?:\d+|ptr|max|_fast\d+|_least\d+)_t|(?:U?INT(?:\d+|PTR|MAX|_\w+)|SIZE|PTRDIFF|WCHAR)_(?:MAX|MIN|C))$/,
    ),
  ],
  [
    "inttypes.h",
    header("types", "__u64 is printed with %llu", /^(?:u?int\w+_t|(?:U?INT\w+|SIZE)_(?:MAX|MIN|C)|(?:PRI|SCN)\w+)$/),
  ],
  ["string.h", header("types", "the compiler has __builtin_memcpy() and __builtin_memset()", /^(?:size_t|NULL)$/)],
  ["strings.h", header("types", "the compiler has __builtin_memset()", /^size_t$/)],
  ["memory.h", header("types", "the compiler has __builtin_memcpy() and __builtin_memset()", /^size_t$/)],
  ["errno.h", header("types", "<linux/errno.h> has the numbers", /^E[A-Z0-9]+$/, "linux/errno.h")],
  [
    "limits.h",
    header(
      "types",
      "<linux/limits.h> has PATH_MAX, the compiler __INT_MAX__",
      /^(?:PATH_MAX|NAME_MAX|(?:U?(?:CHAR|SHRT|INT|LONG|LLONG)|SCHAR|SSIZE)_(?:MAX|MIN)|CHAR_BIT|[A-Z]+_MAX)$/,
    ),
  ],
  [
    "time.h",
    header(
      "types",
      "bpf_ktime_get_ns() tells the time",
      /^(?:CLOCK_\w+|TIMER_\w+|time_t|clock\w*_t|timespec|tm|itimerspec)$/,
    ),
  ],
  ["signal.h", header("types", "its numbers can be defined", /^(?:SIG\w+|SA_\w+|sig\w+|NSIG)$/)],
  ["fcntl.h", header("types", "its numbers can be defined", /^(?:[OFSR]_\w+|AT_\w+|FD_\w+|flock|SEEK_\w+)$/)],
  [
    "sys/types.h",
    header("types", "the kernel's headers have these types", /^(?:\w+_t|u_(?:char|short|int|long)|ushort|uint|ulong)$/),
  ],
  [
    "sys/socket.h",
    header(
      "types",
      "its numbers can be defined",
      /^(?:(?:[AP]F|SOCK|SOL|SO|MSG|SHUT|SCM)_\w+|SOMAXCONN|sockaddr\w*|socklen_t|sa_family_t|msghdr|iovec|linger|ucred|cmsghdr)$/,
    ),
  ],
  ...(
    [
      ["netinet/in.h", "linux/in.h"],
      ["netinet/ip.h", "linux/ip.h"],
      ["netinet/ip6.h", "linux/ipv6.h"],
      ["netinet/tcp.h", "linux/tcp.h"],
      ["netinet/udp.h", "linux/udp.h"],
      ["netinet/if_ether.h", "linux/if_ether.h"],
      ["net/ethernet.h", "linux/if_ether.h"],
      ["net/if.h", "linux/if.h"],
      ["net/if_arp.h", "linux/if_arp.h"],
    ] as const
  ).map(([path, kernel]): [string, LibcHeader] => [path, header("types", `<${kernel}> is the kernel's`, /./)]),
  ...["arpa/inet.h", "endian.h", "byteswap.h"].map((path): [string, LibcHeader] => [
    path,
    header(
      "types",
      "<bpf/bpf_endian.h> has bpf_htons() and its kin",
      /^(?:(?:__)?bswap_\d+|in_addr_t|in_addr|sockaddr\w*|socklen_t|[AP]F_\w+|INET\w+|__BYTE_ORDER|__(?:LITTLE|BIG)_ENDIAN|BYTE_ORDER|(?:LITTLE|BIG)_ENDIAN)$/,
    ),
  ]),
]);

function userSpaceHeader({ path }: Inclusion): LibcHeader | undefined {
  return TABLE.get(path);
}

/** Leaves the include out, where it is certain that nothing is missed then. */
function withoutIt(
  include: Inclusion,
  known: LibcHeader,
  { model, kb }: { readonly model: BpfModel; readonly kb: KnowledgeBase },
): readonly Fix[] {
  if (strangers({ model, kb }).some((name) => !BUILTIN.test(name))) return [];
  const hasTypes = model.included().some((path) => /(?:^|\/)vmlinux\.h$/.test(path));
  // BTF has them all; what is the kernel's own is in no header that a program could include.
  const isEnumerator = (fact: ConstantFact | undefined): boolean =>
    fact?.kind === "enum" && (hasTypes || model.included().includes(fact.header));
  const isThere = (name: string): boolean =>
    model.redefines(name) ||
    model.valueOf(name) !== undefined ||
    /^(?:BPF|XDP|TC|PT_REGS)_/.test(name) ||
    isEnumerator(kb.constant(name)) ||
    kb.macro(name) !== undefined ||
    (hasTypes && KERNEL_TYPES.test(name));
  const used = [...model.code.names(), ...wordsOfDefines(model)].filter(
    (name) => known.offers.test(name) && !isThere(name),
  );
  if (used.length > 0 && known.replacement !== undefined) {
    const { replacement } = known;
    return [{ title: `Include <${replacement}>`, edits: [replace(include.range, `#include <${replacement}>`)] }];
  }
  const facts = [...new Set(used)].map((name) => kb.constant(name));
  const definable = facts.flatMap((fact) => (fact?.kind === "define" && fact.except === undefined ? [fact] : []));
  if (definable.length < facts.length) return [];
  const title =
    definable.length === 0 ? `Remove <${include.path}>` : `Remove <${include.path}>, and define what is used`;
  return [{ title, edits: [removeLines(include.range, model), ...builtins(model), ...defineThem(definable, model)] }];
}

/** Functions of the C library that the compiler makes code of, when their size is constant. */
const BUILTIN = /^mem(?:cpy|set|move|cmp)$/;

function builtins(model: BpfModel): readonly TextEdit[] {
  return callsWhere((name) => BUILTIN.test(name) && !model.redefines(name), model).map(({ name, nameRange }) =>
    replace(nameRange, `__builtin_${name}`),
  );
}

/** Functions that are called and that nobody knows: they may be the C library's. */
function strangers({ model, kb }: { readonly model: BpfModel; readonly kb: KnowledgeBase }): readonly string[] {
  const isKnown = (name: string): boolean =>
    name.startsWith("__") ||
    kb.helper(name) !== undefined ||
    kb.macro(name) !== undefined ||
    kb.kfunc(name) !== undefined ||
    model.redefines(name) ||
    model.declared(name) !== undefined;
  return callsWhere((name) => !isKnown(name), model).map(({ name }) => name);
}

function wordsOfDefines({ code }: BpfModel): readonly string[] {
  return code.directives().flatMap(({ name, body }) => (name === "define" ? (body.match(/[A-Za-z_]\w*/g) ?? []) : []));
}
