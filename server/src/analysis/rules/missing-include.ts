/** Rule: a macro of libbpf's without the header that defines it. */

import { insertInclude } from "../edits.ts";
import { isHeader } from "../for-rules/file-kinds.ts";
import type { BpfModel } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";
import type { Range } from "../text.ts";

export const missingInclude: Rule = {
  meta: {
    id: "missing-include",
    group: "toolchain",
    summary: "A macro of libbpf's headers without the header that defines it",
    rationale: `Without the header that defines a macro of libbpf's, clang takes it for a function that nobody declared.
libbpf spreads what programs use over five headers: \`bpf_helpers.h\` (\`SEC\`, maps, \`bpf_printk\`), \`bpf_tracing.h\`
(\`BPF_PROG\`, \`BPF_KPROBE\`, \`PT_REGS_…\`), \`bpf_core_read.h\` (\`BPF_CORE_READ\`, \`bpf_core_field_exists\`),
\`bpf_endian.h\` (\`bpf_htons\`) and \`usdt.bpf.h\`. clang's messages are about anything but the header: \`call to undeclared
function 'BPF_CORE_READ'\`, \`expected identifier\`.

Nothing is said where some include could not be followed: it may bring the macro.`,
    severity: "error",
    fix: "safe",
    saidByC: true,
    examples: [
      {
        bad: `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("kprobe/do_unlinkat")
int BPF_KPROBE(f, int dfd, struct filename *name)
{
	bpf_printk("unlink %d", dfd);
	return 0;
}`,
        good: `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("kprobe/do_unlinkat")
int BPF_KPROBE(f, int dfd, struct filename *name)
{
	bpf_printk("unlink %d", dfd);
	return 0;
}`,
        refused: { by: "clang", says: "expected identifier" },
      },
      {
        bad: `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("tp_btf/sched_process_exec")
int f(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	return BPF_CORE_READ(task, real_parent, tgid) == 1;
}`,
        good: `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

SEC("tp_btf/sched_process_exec")
int f(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	return BPF_CORE_READ(task, real_parent, tgid) == 1;
}`,
        refused: { by: "clang", says: "undeclared function 'BPF_CORE_READ'" },
      },
    ],
  },

  *check({ model, kb }: RuleContext): Iterable<Report> {
    if (model.programs.length === 0 || !speaksLibbpf(model) || isHeader(model)) return;
    const said = new Set<string>();
    const present = new Set(model.included().flatMap(broughtBy));
    for (const [name, first] of macrosUsed(model)) {
      const home = kb.macro(name)?.header;
      if (home === undefined || !DISTINCT.test(name)) continue;
      for (const header of [home, ...(USES_CORE_READ.test(name) ? ["bpf_core_read.h"] : [])]) {
        if (present.has(header) || said.has(header)) continue;
        if (model.redefines(name) || model.isMacroOfHeaders(name) || !model.includesOnly(KNOWN)) continue;
        said.add(header);
        const path = `${folderOf(model)}${header}`;
        yield {
          range: first(),
          message: `${name} ${header === home ? "is defined in" : "needs"} <${path}>, which is not included`,
          fixes: [{ title: `Include <${path}>`, edits: [insertInclude(path, model)] }],
        };
      }
    }
  },
};

/** Those of bpf_tracing.h that are made of BPF_CORE_READ(), which it does not include. */
const USES_CORE_READ = /^(?:BPF_KSYSCALL|BPF_KPROBE_SYSCALL|PT_REGS_\w+_CORE(?:_SYSCALL)?)$/;

/** A program for bcc includes none of these headers, gives no licence, and gets its macros from the loader. */
function speaksLibbpf({ includes, licence }: BpfModel): boolean {
  const own = licence === undefined ? /^bpf\/bpf_\w+\.h$|(?:^|\/)vmlinux\.h$/ : /^(?:bpf|linux)\/|(?:^|\/)vmlinux\.h$/;
  return includes.some(({ path }) => own.test(path));
}

/** Names that nobody else gives a meaning of their own; `offsetof` and `NULL` come from many headers. */
const DISTINCT = /^(?:BPF_|PT_REGS_|bpf_|SEC$)/;

/**
 * What nobody needs to follow to know what it brings: the compiler's headers, and those of the kernel that programs usually
 * include. A project may have others of its own under `linux/`, which include what they like.
 */
const KNOWN =
  /^(?:(?:\.{1,2}\/)*(?:bpf\/)?vmlinux\.h|linux\/(?:bpf|bpf_common|btf|errno|fs|icmp|icmpv6|if_arp|if_ether|if_packet|if_vlan|in|in6|ip|ipv6|limits|perf_event|pkt_cls|ptrace|sched|socket|stddef|tcp|types|udp|unistd|version)\.h|asm\/(?:types|unistd|errno|byteorder|ptrace)\.h|asm-generic\/errno(?:-base)?\.h|(?:bpf\/)?(?:bpf_(?:helpers|helper_defs|tracing|core_read|endian)|usdt\.bpf)\.h|(?:errno|limits|std(?:bool|arg|def|int)|string)\.h)$/;

/** libbpf's headers include one another; older releases less so. */
const BRINGS: Readonly<Record<string, readonly string[]>> = {
  "bpf_tracing.h": ["bpf_helpers.h"],
  "bpf_core_read.h": ["bpf_helpers.h"],
  "usdt.bpf.h": ["bpf_helpers.h", "bpf_tracing.h"],
};

function broughtBy(path: string): readonly string[] {
  const header = path.slice(path.lastIndexOf("/") + 1);
  return [header, ...(BRINGS[header] ?? [])];
}

/** As the file names libbpf's headers elsewhere. */
function folderOf({ includes }: BpfModel): string {
  const other = includes.map(({ path }) => /^(.*?)bpf_(?:helpers|tracing|core_read|endian)\.h$/.exec(path)?.[1]);
  return other.find((folder) => folder !== undefined) ?? "bpf/";
}

/** Each with where it stands first. */
function macrosUsed({ functions, calls }: BpfModel): ReadonlyMap<string, () => Range> {
  const found = new Map<string, () => Range>();
  const add = (name: string, first: () => Range): void => {
    if (!found.has(name)) found.set(name, first);
  };
  for (const { section } of functions) if (section !== undefined) add("SEC", () => section.range);
  for (const fn of functions) if (fn.macro !== undefined) add(fn.macro, () => fn.nameRange);
  for (const call of calls) add(call.name, () => call.nameRange);
  return found;
}
