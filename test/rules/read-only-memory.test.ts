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
