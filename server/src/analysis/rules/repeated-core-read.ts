/** Rule: many BPF_CORE_READ() from one pointer whose type the verifier could be told. */

import { callsNamed } from "../for-rules/calls.ts";
import { isAlternative } from "../for-rules/guarded.ts";
import { haveKernelTypes, isOf, programsFor } from "../for-rules/newer.ts";
import { familyOf } from "../knowledge/loaders.ts";
import { isGplCompatible } from "../licences.ts";
import type { BpfFunction, BpfModel, Call } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

const MACRO = "BPF_CORE_READ";

export const repeatedCoreRead: Rule = {
  meta: {
    id: "repeated-core-read",
    group: "better ways",
    summary: "Many BPF_CORE_READ() from one pointer whose type the verifier could be told",
    rationale: `Each \`BPF_CORE_READ()\` calls a helper, unless the verifier is told once what the pointer points to. One that
comes out of a kprobe's registers or out of a map is a number to it. \`bpf_core_cast(ptr, struct sock)\` tells the verifier
what it points to: from there on \`sk->__sk_common.skc_family\` is a plain access, and so is everything behind it. As before,
a bad pointer gives 0.

It needs Linux 6.2 for the kernel function \`bpf_rdonly_cast()\`, libbpf 1.4 for the macro and a GPL-compatible licence. Nothing is
said until the targets are set, and not of fewer than three reads in one function.`,
    severity: "hint",
    since: "6.2",
    fix: "none",
    bpflint: "core-read",
    examples: [
      {
        bad: `SEC("kprobe/tcp_close")
int BPF_KPROBE(on_close, struct sock *sk)
{
	bpf_printk("family %d", BPF_CORE_READ(sk, __sk_common.skc_family));
	bpf_printk("port %d", BPF_CORE_READ(sk, __sk_common.skc_num));
	bpf_printk("state %d", BPF_CORE_READ(sk, __sk_common.skc_state));
	return 0;
}`,
        good: `SEC("kprobe/tcp_close")
int BPF_KPROBE(on_close, struct sock *ptr)
{
	struct sock *sk = bpf_core_cast(ptr, struct sock);

	bpf_printk("family %d", sk->__sk_common.skc_family);
	bpf_printk("port %d", sk->__sk_common.skc_num);
	bpf_printk("state %d", sk->__sk_common.skc_state);
	return 0;
}`,
        target: "6.6",
        unshown: "bpf_core_cast() is in the headers of libbpf 1.4 and later",
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model, targets } = ctx;
    const reads = callsNamed(MACRO, model).filter(({ closed, in: fn }) => closed && fn !== undefined);
    if (reads.length < MANY || targets.length === 0 || model.redefines(MACRO) || !mayCast(ctx)) return;
    for (const [fn, found] of groupsOf(reads)) {
      const [first] = found;
      const source = first?.args[0]?.text ?? "";
      const type = typeOf(source, fn, model);
      if (first === undefined || found.length < MANY || type === undefined) continue;
      const runs = programsFor(first, { kind: "kfunc", name: "bpf_rdonly_cast" }, ctx);
      // Of arguments that the verifier knows another rule speaks.
      if (runs === undefined || runs.some(({ kind }) => KNOWS_TYPES.some((type) => isOf(type, kind)))) continue;
      if (isAlternative(first.range, fn, model)) continue;
      yield {
        range: first.nameRange,
        message: `${found.length} reads from ${source}; bpf_core_cast(${source}, ${type}) gives a pointer whose fields can be read as they are`,
        related: found.slice(1).map(({ nameRange }) => ({ range: nameRange, message: `another read from ${source}` })),
      };
    }
  },
};

const MANY = 3;
const KNOWS_TYPES = ["TRACING", "LSM", "STRUCT_OPS"];

function mayCast(ctx: RuleContext): boolean {
  const family = familyOf(ctx.loader);
  const licence = ctx.model.licence?.text;
  const mayCallKernel = family === "libbpf" || family === "cilium/ebpf";
  return mayCallKernel && haveKernelTypes(ctx) && (licence === undefined || isGplCompatible(licence));
}

/** By function and pointer. */
function groupsOf(reads: readonly Call[]): readonly (readonly [BpfFunction, readonly Call[]])[] {
  const groups = new Map<string, [BpfFunction, Call[]]>();
  for (const read of reads) {
    const { in: fn, args } = read;
    if (fn === undefined) continue;
    const key = `${fn.name} ${args[0]?.text}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [fn, [read]]);
    else group[1].push(read);
  }
  return [...groups.values()];
}

/** `struct sock` of a pointer that keeps what it was given; no flavour of a structure, which BTF does not have. */
function typeOf(name: string, fn: BpfFunction, { code, recordOf }: BpfModel): string | undefined {
  if (!/^[A-Za-z_]\w*$/.test(name) || isContext(name, fn)) return undefined;
  const declared = code.locals(fn).find(({ text }) => text === name) ?? fn.params.find((param) => param.name === name);
  const type = /^(?:const\s+)?(struct\s+\w+)\s*\*$/.exec(declared?.type ?? "")?.[1];
  if (type === undefined || type.includes("___") || recordOf(type) !== undefined) return undefined;
  const changes = [...code.textOf(fn.range).matchAll(new RegExp(`(?<![.>\\w])${name}\\s*=(?!=)([^;]*)`, "g"))];
  const isTask = changes.some(([, value]) => value?.includes("bpf_get_current_task"));
  return changes.length <= 1 && !isTask ? type.replace(/\s+/g, " ") : undefined;
}

/** What a program is given is no structure of the kernel's, whatever it is declared as. */
function isContext(name: string, { section, macro, params }: BpfFunction): boolean {
  return section !== undefined && macro === undefined && params[0]?.name === name;
}
