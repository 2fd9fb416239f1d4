/** Rule: an architecture chosen in the source in a way that libbpf does not notice. */

import type { DirectiveLine } from "../code.ts";
import { insertAt, removeLines, replace } from "../edits.ts";
import type { BpfModel } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";
import { comparePositions, type Range } from "../text.ts";

export const wrongTargetArch: Rule = {
  meta: {
    id: "wrong-target-arch",
    group: "toolchain",
    summary: "A __TARGET_ARCH_… that libbpf does not know, or sees too late",
    rationale: `Where a function's arguments are depends on the machine, so libbpf's macros for them must know which one it
is. \`PT_REGS_PARM1\`, \`BPF_KPROBE\` and \`BPF_KSYSCALL\` are told by \`-D__TARGET_ARCH_x86\` on the command line, or a
\`#define\` before \`bpf_tracing.h\` is included. The names are those of the kernel's folders, not those of \`uname -m\`:
\`x86\` for x86_64, \`arm64\` for aarch64, \`powerpc\` for ppc64le, \`s390\` for s390x, \`riscv\` for riscv64. One that libbpf
does not know counts as none: \`Must specify a BPF target arch via __TARGET_ARCH_xxx\`, at the first macro that needs it, and
the macros then fail.`,
    severity: "warning",
    fix: "safe",
    examples: [
      {
        bad: `#define __TARGET_ARCH_aarch64
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("tp_btf/sched_process_exit")
int BPF_PROG(f, struct task_struct *task)
{
	return 0;
}`,
        good: `#define __TARGET_ARCH_arm64
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("tp_btf/sched_process_exit")
int BPF_PROG(f, struct task_struct *task)
{
	return 0;
}`,
        unshown: "the machine that builds the examples says its architecture on the command line",
      },
      {
        bad: `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#define __TARGET_ARCH_x86

SEC("tp_btf/sched_process_exit")
int BPF_PROG(f, struct task_struct *task)
{
	return 0;
}`,
        good: `#define __TARGET_ARCH_x86
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("tp_btf/sched_process_exit")
int BPF_PROG(f, struct task_struct *task)
{
	return 0;
}`,
        unshown: "the machine that builds the examples says its architecture on the command line",
      },
    ],
  },

  *check({ model, arch }: RuleContext): Iterable<Report> {
    for (const directive of model.code.directives()) {
      const name = directive.name === "define" ? /^__TARGET_ARCH_(\w+)/.exec(directive.body)?.[1] : undefined;
      if (name === undefined || model.code.compiledWhen(directive.range).length > 0) continue;
      const range = rangeOf(directive, `__TARGET_ARCH_${name}`, model);
      const known = KNOWN.has(name);
      const meant = MEANT.get(name.toLowerCase());
      const chosen = MEANT.get(arch) ?? arch;
      const late = laterThan(directive, model);
      if (!known) {
        yield {
          range,
          message: `libbpf knows no __TARGET_ARCH_${name}${meant === undefined ? "" : `; write __TARGET_ARCH_${meant}`}`,
          fixes: meant === undefined ? [] : [rename(range, meant)],
        };
      } else if (late !== undefined) {
        yield {
          range,
          message: `__TARGET_ARCH_${name} comes too late: <${late.path}>, which looks at it, stands before it`,
          fixes: [moveUp(directive, model)],
        };
      } else if (chosen !== "" && chosen !== name) {
        yield {
          range,
          message: `__TARGET_ARCH_${name} is not the architecture of the setting hookpoint.arch, ${arch}`,
          fixes: [{ ...rename(range, chosen), safety: "unsafe" }],
        };
      }
    }
  },
};

/** From the first lines of libbpf's `bpf_tracing.h`. */
const KNOWN = new Set("x86 s390 arm arm64 mips powerpc sparc riscv arc loongarch".split(" "));

/** What others call them: compilers, `uname -m`, Go. */
const MEANT: ReadonlyMap<string, string> = new Map(
  Object.entries({
    x86: "x86_64 amd64 x64 i386 i686 x86",
    arm64: "aarch64 arm64 armv8",
    arm: "arm32 armv7 armhf armv7l arm",
    powerpc: "ppc ppc64 ppc64le ppc64el powerpc64 powerpc64le powerpc",
    s390: "s390x s390",
    riscv: "riscv64 riscv32 riscv",
    loongarch: "loongarch64 loong64 loongarch",
    mips: "mips64 mips64el mipsel mips64le mipsle mips",
    sparc: "sparc64 sparc",
  }).flatMap(([name, others]) => others.split(" ").map((other): [string, string] => [other, name])),
);

function rangeOf({ range }: DirectiveLine, word: string, { code }: BpfModel): Range {
  const { line } = range.start;
  const at = code.lines.textOf(line).indexOf(word);
  return at === -1 ? range : { start: { line, character: at }, end: { line, character: at + word.length } };
}

/** The include that has already looked at it. */
function laterThan({ range }: DirectiveLine, { includes }: BpfModel) {
  return includes.find(
    (include) =>
      /(?:^|\/)(?:bpf_tracing|usdt\.bpf)\.h$/.test(include.path) &&
      comparePositions(include.range.start, range.start) < 0,
  );
}

function rename(range: Range, arch: string) {
  return { title: `Change to __TARGET_ARCH_${arch}`, edits: [replace(range, `__TARGET_ARCH_${arch}`)] };
}

function moveUp({ range }: DirectiveLine, model: BpfModel) {
  const [first] = model.includes;
  const line = `${model.code.lines.textOf(range.start.line)}\n`;
  const edits =
    first === undefined
      ? []
      : [insertAt({ line: first.range.start.line, character: 0 }, line), removeLines(range, model)];
  return { title: "Move it before the includes", edits };
}
