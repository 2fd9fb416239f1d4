import { test } from "vitest";
import { readOnlyMemory } from "../../server/src/analysis/rules/read-only-memory.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const map = (flags: string) => `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__uint(map_flags, ${flags});
	__type(key, u32);
	__type(value, u64);
} table SEC(".maps");
`;

const lookup = (use: string, flags: string) => `${map(flags)}
SEC("xdp")
int f(struct xdp_md *ctx)
{
    u32 key = 0;
    u64 *value = bpf_map_lookup_elem(&table, &key);
    if (!value)
        return 0;
${use}
    return 0;
}
`;

test("flags what the map's flags forbid", () => {
  checkRule(
    readOnlyMemory,
    lookup(
      `    *value = 1;
//  ^^^^^^ the map table has BPF_F_RDONLY_PROG, and it is written to: the verifier refuses the program
    bpf_probe_read_kernel(value, 8, ctx);
//                        ^^^^^ the map table has BPF_F_RDONLY_PROG, and bpf_probe_read_kernel() writes to it: the verifier refuses the program`,
      "BPF_F_RDONLY_PROG | BPF_F_NO_PREALLOC",
    ),
  );
  checkRule(
    readOnlyMemory,
    lookup(
      `    *value = 1;
    if (*value == 1)
//      ^^^^^^ the map table has BPF_F_WRONLY_PROG, and it is read: the verifier refuses the program
        return 1;`,
      "BPF_F_WRONLY_PROG",
    ),
  );
  checkNoFindings(readOnlyMemory, lookup("    *value += 1;", "BPF_F_RDONLY"));
  checkNoFindings(readOnlyMemory, lookup('    bpf_printk("%d", *value);', "BPF_F_RDONLY_PROG"));
});

test("flags constants, maps and structures of the kernel", () => {
  checkRule(
    readOnlyMemory,
    `${map("0")}
const volatile int wanted = 1;
int counted;

SEC("fentry/f")
int BPF_PROG(f, struct file *file)
{
    char *name = "a";
    *(volatile int *)&wanted = 0;
//  ^^^^^^^^^^^^^^^^^^^^^^^^ wanted is a constant that is frozen when the program is loaded, and it is written to: the verifier refuses that
    *(volatile int *)&counted = 0;
    *(u64 *)&table = 1;
//  ^^^^^^^^^^^^^^ table is a map, not its contents: the verifier refuses to write there
    name[0] = 'b';
//  ^^^^^^^ a constant string is read-only, and it is written to: the verifier refuses the program
    file->f_inode->i_size = 1;
//  ^^^^^^^^^^^^^^^^^^^^^ a structure of the kernel's may only be read, and it is written to: the verifier refuses the program
    return 0;
}
`,
  );
});

test("silent about what struct_ops programs may write, and about objects of the program's own", () => {
  checkNoFindings(
    readOnlyMemory,
    `SEC("struct_ops/f")
int BPF_PROG(f, struct task_struct *p)
{
	p->scx.slice = 1;
	return 0;
}

struct node { int value; };

SEC("fentry/f")
int BPF_PROG(g, struct file *file)
{
	struct node *node = bpf_obj_new(struct node);

	if (!node)
		return 0;
	node->value = 1;
	bpf_obj_drop(node);
	return 0;
}

SEC("iter/bpf_map_elem")
int h(struct bpf_iter__bpf_map_elem *ctx)
{
	u64 *value = ctx->value;

	if (value)
		*value = 1;
	return 0;
}
`,
  );
});

test("a variable of the kernel's, of one CPU", () => {
  const program = (use: string) => `extern const int bpf_prog_active __ksym;
SEC("fentry/security_inode_getattr")
int BPF_PROG(f, struct path *path)
{
    int *active = bpf_per_cpu_ptr(&bpf_prog_active, 0);
    if (!active)
        return 0;
${use}
    return 0;
}
`;
  checkRule(
    readOnlyMemory,
    program(`    bpf_d_path(path, (void *)active, 4);
//                   ^^^^^^^^^^^^^^ bpf_prog_active is the kernel's, and may only be read; bpf_d_path() writes to it: the verifier refuses the program
    *active = 1;
//  ^^^^^^^ bpf_prog_active is the kernel's, and may only be read; it is written to: the verifier refuses the program`),
  );
  checkNoFindings(readOnlyMemory, program('    bpf_printk("%d", *active);'));
  // Objects of the program's own may be written to.
  checkNoFindings(
    readOnlyMemory,
    program("    int *own = bpf_this_cpu_ptr(bpf_percpu_obj_new_impl(1, NULL));\n    *own = 1;"),
  );
});

test("what a callback is given: keys, areas of memory and tasks are only read, values are written to", () => {
  checkRule(
    readOnlyMemory,
    `${map("0")}
static long each(struct bpf_map *map, u32 *key, u64 *value, void *data)
{
    *value = *key;
    bpf_get_current_comm(key, sizeof(*key));
//                       ^^^ the key of an element may only be read, and bpf_get_current_comm() writes to it: the verifier refuses the program
    return 0;
}
static long area(struct task_struct *task, struct vm_area_struct *vma, u64 *sum)
{
    *sum += vma->vm_start;
    vma->vm_start = 0;
//  ^^^^^^^^^^^^^ a structure of the kernel's may only be read, and it is written to: the verifier refuses the program
    return 0;
}
SEC("raw_tp/sys_enter")
int f(void *ctx)
{
    u64 sum = 0;
    bpf_for_each_map_elem(&table, each, NULL, 0);
    bpf_find_vma(bpf_get_current_task_btf(), 0, area, &sum, 0);
    return 0;
}
`,
  );
});

test("variables of the kernel's, and not those of a program's own objects", () => {
  checkRule(
    readOnlyMemory,
    `extern const int bpf_prog_active __ksym;
struct slot { int __percpu_kptr *own; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, u32); __type(value, struct slot); } slots SEC(".maps");
SEC("raw_tp/sys_enter")
int f(void *ctx)
{
    u32 key = 0;
    int *active = (int *)bpf_per_cpu_ptr(&bpf_prog_active, 0), *mine;
    struct slot *slot = bpf_map_lookup_elem(&slots, &key);
    if (!active || !slot || !slot->own)
        return 0;
    mine = bpf_this_cpu_ptr(slot->own);
    *mine = 1;
    *active = 0;
//  ^^^^^^^ bpf_prog_active is the kernel's, and may only be read; it is written to: the verifier refuses the program
    return 0;
}
`,
  );
});

test("a map that programs only write to, given to a helper as a key", () => {
  checkRule(
    readOnlyMemory,
    `
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __uint(map_flags, BPF_F_WRONLY_PROG); __type(key, u32); __type(value, u32); } out SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1); __type(key, u32); __type(value, u32); } m SEC(".maps");
SEC("xdp") int f(struct xdp_md *ctx) {
  u32 key = 0, *value = bpf_map_lookup_elem(&out, &key);
  if (!value) return 1;
  bpf_get_current_comm(value, 4);
  return bpf_map_lookup_elem(&m, value) ? 1 : 2;
//                               ^^^^^ the map out has BPF_F_WRONLY_PROG, and it is read: the verifier refuses the program
}
`,
  );
});

test("fields of sockets", () => {
  checkRule(
    readOnlyMemory,
    `
SEC("cgroup/connect4") int f(struct bpf_sock_addr *ctx) {
    ctx->sk->mark = 1;
//  ^^^^^^^^^^^^^ fields of a socket may only be read, and it is written to: the verifier refuses the program
    return 1;
}
SEC("cgroup/sock_create") int g(struct bpf_sock *sk) { sk->mark = 1; return 1; }
SEC("struct_ops/init") void BPF_PROG(h, struct sock *sk) { struct tcp_sock *tcp = bpf_skc_to_tcp_sock(sk); if (tcp) tcp->snd_cwnd = 1; }
`,
  );
});
