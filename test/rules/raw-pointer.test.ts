import { expect, test } from "vitest";
import { rawPointer } from "../../server/src/analysis/rules/raw-pointer.ts";
import { checkFix, checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const INCLUDES = '#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\n#include <bpf/bpf_core_read.h>\n';

const program = (section: string, head: string, body: string, before = "") =>
  `${INCLUDES}${before}SEC("${section}")\nint ${head}\n{\n\t${body}\n\treturn 0;\n}\n`;

const kprobe = (body: string) => program("kprobe/f", "BPF_KPROBE(f, struct task_struct *task, const char *name)", body);

test("flags what is followed, and names where it comes from", () => {
  checkRule(
    rawPointer,
    `
SEC("raw_tp/sched_switch")
int f(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *next = (void *)ctx->args[2];
	return next->pid;
//      ^^^^^^^^^ an address that was read before is a number to the verifier, which refuses to follow it; bpf_probe_read_kernel() can
}

SEC("kprobe/f")
int BPF_KPROBE(g, struct task_struct *task, const char *name)
{
	if (name)
    task->pid = 1;
//  ^^^^^^^^^ task is a number to the verifier, which refuses to write there
	return *name == 'a';
//      ^^^^^ name is a number to the verifier, which refuses to follow it; bpf_probe_read_kernel() can
}
`,
  );
});

test("reads the whole chain, and stops before what may be an array", () => {
  checkFix(
    rawPointer,
    kprobe("if (task->real_parent->thread.cpu == 1)\n\t\treturn 1;"),
    kprobe("if (BPF_CORE_READ(task, real_parent, thread.cpu) == 1)\n\t\treturn 1;"),
  );
  checkFix(
    rawPointer,
    kprobe("char to[16];\n\tbpf_probe_read_kernel_str(to, 16, task->real_parent->comm);"),
    kprobe("char to[16];\n\tbpf_probe_read_kernel_str(to, 16, BPF_CORE_READ(task, real_parent)->comm);"),
  );
  checkFix(
    rawPointer,
    kprobe("void *lock = &task->mm->mmap_lock;"),
    kprobe("void *lock = &BPF_CORE_READ(task, mm)->mmap_lock;"),
  );
  checkFix(
    rawPointer,
    kprobe("int pid = BPF_CORE_READ(task, real_parent)->pid;"),
    kprobe("int pid = BPF_CORE_READ(task, real_parent, pid);"),
  );
});

test("reads the memory of a process as such, and includes what the macro needs", () => {
  const body = (text: string) =>
    program("uprobe", "BPF_KPROBE(f, struct pair *pair)", text, "struct pair { int a, b; };\n");
  checkFix(rawPointer, body("int a = pair->a;"), body("int a = BPF_PROBE_READ_USER(pair, a);"));
  const bare = (text: string) =>
    kprobe("int pid = 0;").replace("int pid = 0", text).replace("#include <bpf/bpf_core_read.h>\n", "");
  checkFix(
    rawPointer,
    bare("int pid = task->pid"),
    bare("int pid = BPF_CORE_READ(task, pid)").replace(
      "bpf_helpers.h>\n",
      "bpf_helpers.h>\n#include <bpf/bpf_core_read.h>\n",
    ),
  );
});

test("flags a pointer out of a map, a helper and a context", () => {
  checkRule(
    rawPointer,
    `
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, struct file *);
} files SEC(".maps");

SEC("kprobe/f")
int f(struct pt_regs *ctx)
{
	u32 key = 0;
	struct file **file = bpf_map_lookup_elem(&files, &key), *other;

	if (!file)
		return 0;
	if ((*file)->f_flags == 1)
//   ^^^^^^^^^^^^^^^^ an address that was read before is a number to the verifier, which refuses to follow it; bpf_probe_read_kernel() can
		return 1;
	bpf_probe_read_kernel(&other, sizeof(other), file);
	if (other->f_flags == 1)
//   ^^^^^^^^^^^^^^ what bpf_probe_read_kernel() gives is a number to the verifier, which refuses to follow it; bpf_probe_read_kernel() can
		return 1;
	other = (struct file *)ctx->di;
	return other->f_flags;
//      ^^^^^^^^^^^^^^ an address that was read before is a number to the verifier, which refuses to follow it; bpf_probe_read_kernel() can
}
`,
  );
});

test("silent where only an address is taken, and where the compiler answers", () => {
  checkNoFindings(rawPointer, kprobe("char to[16];\n\tbpf_probe_read_kernel_str(to, 16, task->comm);"));
  checkNoFindings(rawPointer, kprobe("char to[16];\n\tbpf_probe_read_kernel(to, 16, &task->comm);"));
  checkNoFindings(rawPointer, kprobe("char *comm = task->comm;"));
  checkNoFindings(rawPointer, kprobe("if (bpf_core_field_exists(task->__state))\n\t\treturn 1;"));
  checkNoFindings(rawPointer, kprobe("int size = sizeof(task->comm) + bpf_core_field_size(task->comm);"));
  checkNoFindings(rawPointer, kprobe('bpf_printk("%s", task->comm);'));
  checkNoFindings(rawPointer, kprobe("struct mm_struct *mm;\n\tBPF_CORE_READ_INTO(&mm, task, mm);"));
});

test("silent where the verifier knows the type", () => {
  for (const section of ["fentry/f", "lsm/task_alloc", "tp_btf/sched_switch", "struct_ops/f"])
    checkNoFindings(
      rawPointer,
      program(section, "BPF_PROG(f, struct task_struct *task)", "return task->mm->owner->pid;"),
    );
  checkNoFindings(
    rawPointer,
    program(
      "kprobe/f",
      "f(void *ctx)",
      "struct task_struct *t = bpf_get_current_task_btf();\n\treturn t->mm->owner->pid;",
    ),
  );
  checkNoFindings(
    rawPointer,
    program(
      "kprobe/f",
      "BPF_KPROBE(f, void *p)",
      "struct task_struct *t = bpf_core_cast(p, struct task_struct);\n\treturn t->mm->owner->pid;",
    ),
  );
  checkNoFindings(rawPointer, program("raw_tp.w/f", "BPF_PROG(f, struct one *one)", "one->value = 1;"));
  checkNoFindings(rawPointer, program("tp_btf/f", "f(u64 *ctx)", "return ((struct task_struct *)ctx[0])->pid;"));
});

test("silent about parts of the context, and of copies on the stack", () => {
  checkNoFindings(
    rawPointer,
    program(
      "tp/sched/sched_switch",
      "f(struct trace_event_raw_sched_switch *ctx)",
      "char *c = ctx->prev_comm;\n\treturn c[0];",
    ),
  );
  checkNoFindings(rawPointer, kprobe("char *comm = BPF_CORE_READ(task, comm);\n\treturn comm[0];"));
});

test("silent about addresses in an arena, and about kept pointers", () => {
  checkNoFindings(
    rawPointer,
    program(
      "syscall",
      "f(void *ctx)",
      "u32 key = 0;\n\tu64 *at = bpf_map_lookup_elem(&places, &key);\n\tif (!at)\n\t\treturn 0;\n\treturn *(int __arena *)*at;",
      `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, u64);
} places SEC(".maps");
`,
    ),
  );
});

test("flags what a fetched structure points to, not what is in it", () => {
  checkRule(
    rawPointer,
    `
struct pair { struct inode *inode; char name[16]; };

SEC("kprobe/f")
int BPF_KPROBE(f, struct pair *from)
{
    struct pair pair;
    bpf_probe_read_kernel(&pair, sizeof(pair), from);
    if (pair.name[0] == 'a')
        return 1;
    if (pair.inode->i_ino == 1)
//      ^^^^^^^^^^^^^^^^^ what bpf_probe_read_kernel() gives is a number to the verifier, which refuses to follow it; bpf_probe_read_kernel() can
        return 1;
    return 0;
}
`,
  );
});

test("what is asked whether it is NULL is no array", () => {
  checkRule(
    rawPointer,
    kprobe(`const char *from = BPF_CORE_READ(task, name);
	if (from != NULL && *from == 't')
//                   ^^^^^ what BPF_CORE_READ() gives is a number to the verifier, which refuses to follow it; bpf_probe_read_kernel() can
		return 1;`),
  );
  checkNoFindings(
    rawPointer,
    kprobe("const char *from = BPF_CORE_READ(task, comm);\n\tif (*from == 't')\n\t\treturn 1;"),
  );
});

test("flags a pointer that another run has left in a variable of the file", () => {
  const global = (declared: string, body: string) => program("tc", "f(struct __sk_buff *skb)", body, `${declared}\n`);
  checkRule(
    rawPointer,
    global(
      "__u64 *state;",
      `if (!state) return 0;
    __sync_fetch_and_add(state, 1);
//                       ^^^^^ state is a number to the verifier, which refuses to write there
`,
    ),
  );
  const read = "return state ? *state : 0;";
  for (const declared of [
    "static __u64 *state;",
    "__u64 __arena *state;",
    "struct bpf_cpumask __kptr *state;",
    "extern __u64 *state;",
    "__u64 *state = &other;",
    '__u64 *state SEC(".data.x");',
  ])
    checkNoFindings(rawPointer, global(declared, read));
  checkNoFindings(rawPointer, global("__u64 *state;", "__u64 now = 0;\n\tstate = &now;\n\treturn *state;"));
});

test("silent on arrays of a context that is not declared here", () => {
  checkNoFindings(
    rawPointer,
    `static __always_inline bool is_mapped(const __u32 *address) { return address[2] == 0xffff0000; }

SEC("cgroup_skb/ingress")
int f(struct __sk_buff *skb)
{
    return is_mapped(skb->local_ip6) ? 0 : 1;
}
`,
  );
});

test("the address of a register of other registers is no access", () => {
  const regs = "struct pt_regs *regs = (struct pt_regs *)PT_REGS_PARM1(ctx);\n\tlong to = 0;\n\t";
  const read =
    "#define READ(what) ({ typeof(what) _val = 0; bpf_probe_read_kernel(&_val, sizeof(_val), &what); _val; })\n";
  const call = (body: string) => program("kprobe/f", "f(struct pt_regs *ctx)", `${regs}${body}`, read);
  checkNoFindings(rawPointer, call("bpf_probe_read_kernel(&to, sizeof(to), &PT_REGS_PARM2(regs));"));
  checkNoFindings(rawPointer, call("to = (long)READ(PT_REGS_PARM1(regs));"));
  expect(findingsIn(call("to = PT_REGS_PARM2(regs);"), [rawPointer])).toHaveLength(1);
});
