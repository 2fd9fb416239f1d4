import { test } from "vitest";
import { repeatedCoreRead } from "../../server/src/analysis/rules/repeated-core-read.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const read = "g(BPF_CORE_READ(sk, sk_family));";
const program = (body: string, { section = "kprobe/f", param = "struct sock *sk" } = {}) =>
  `SEC("${section}")\nint BPF_KPROBE(f, ${param})\n{\n\t${body}\n\treturn 0;\n}\n`;
const NEW = { target: "6.6" };

test("flags the first of three", () => {
  checkRule(
    repeatedCoreRead,
    `
SEC("kprobe/f")
int BPF_KPROBE(f, struct sock *sk)
{
    g(BPF_CORE_READ(sk, a));
//    ^^^^^^^^^^^^^ 3 reads from sk; bpf_core_cast(sk, struct sock) gives a pointer whose fields can be read as they are
    g(BPF_CORE_READ(sk, b));
    g(BPF_CORE_READ(sk, c));
    g(BPF_CORE_READ(other, c));
	return 0;
}
`,
    NEW,
  );
});

test("silent without targets, for older ones, and of two", () => {
  const source = program(read.repeat(3));
  checkNoFindings(repeatedCoreRead, source);
  checkNoFindings(repeatedCoreRead, source, { target: "6.1" });
  checkNoFindings(repeatedCoreRead, program(read.repeat(2)), NEW);
});

test("silent where the macro could not be used", () => {
  checkNoFindings(repeatedCoreRead, program(read.repeat(3)), { ...NEW, loader: "aya" });
  checkNoFindings(repeatedCoreRead, `${program(read.repeat(3))}char L[] SEC("license") = "MIT";\n`, NEW);
  checkNoFindings(repeatedCoreRead, program(read.repeat(3), { param: "void *sk" }), NEW);
  checkNoFindings(repeatedCoreRead, program(read.repeat(3), { param: "struct sock___old *sk" }), NEW);
});

test("silent where there is a nearer way", () => {
  checkNoFindings(repeatedCoreRead, program(read.repeat(3), { section: "fentry/f" }), NEW);
  const task = "struct task_struct *sk = (void *)bpf_get_current_task();";
  checkNoFindings(repeatedCoreRead, program(`${task}${read.repeat(3)}`, { param: "int x" }), NEW);
  checkNoFindings(
    repeatedCoreRead,
    `SEC("tp/a/b")\nint f(struct trace_event_raw_x *sk)\n{\n\t${read.repeat(3)}\n\treturn 0;\n}\n`,
    NEW,
  );
});

test("silent on a pointer that moves", () => {
  checkNoFindings(
    repeatedCoreRead,
    program(`struct dentry *sk = a;\n\tsk = b;\n\t${read.repeat(3)}`, { param: "int x" }),
    NEW,
  );
});
