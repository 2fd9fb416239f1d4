import { describe, test } from "vitest";
import { uncheckedNull } from "../../server/src/analysis/rules/unchecked-null.ts";
import { checkFix, checkNoFindings, checkRule } from "../support/check.ts";

const MAP = `struct pair { __u32 a, b; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, __u32); __type(value, struct pair); } pairs SEC(".maps");
`;
const LOOKUP = "__u32 key = ctx->ingress_ifindex; struct pair *p = bpf_map_lookup_elem(&pairs, &key);";

/** Programs over a map of pairs, with `p` looked up. */
const program = (body: string): string => `${MAP}SEC("xdp") int f(struct xdp_md *ctx) { ${LOOKUP}\n${body}\n}`;
const silent = (body: string): void => checkNoFindings(uncheckedNull, program(body));
const found = (body: string): void => checkRule(uncheckedNull, program(body));

describe("asked in whatever way", () => {
  test("by itself, negated, compared", () => {
    silent("if (!p) return 0; return p->a;");
    silent("if (p) return p->a; return 0;");
    silent("if (p == NULL) return 0; return p->a;");
    silent("if (NULL != p) return p->a; return 0;");
    silent("if (p == 0) return 0; return p->a;");
    silent("return p ? p->a : 0;");
  });

  test("with other conditions", () => {
    silent("if (p && p->a) return p->b; return 0;");
    silent("if (!p || !p->a) return 0; return p->b;");
    silent("if (likely(p)) return p->a; return 0;");
    silent("bool there = p != NULL; if (!there) return 0; return p->a;");
  });

  test("on the way to a label, in a loop, in a switch", () => {
    silent("if (!p) goto out; p->a = 1; out: return 0;");
    silent("for (int i = 0; i < 4; i++) { if (!p) break; p->a++; } return 0;");
    silent("while (p) { p->a++; p = NULL; } return 0;");
    silent("switch (key) { case 1: if (!p) return 1; p->a = 1; break; default: break; } return 0;");
  });

  test("by a function or a macro of the file", () => {
    const helper = "static __always_inline bool there(struct pair *p) { return p != NULL; }\n";
    checkNoFindings(uncheckedNull, helper + program("if (!there(p)) return 0; return p->a;"));
    const macro = "#define OR_LEAVE(p) if (!(p)) return 0\n";
    checkNoFindings(uncheckedNull, macro + program("OR_LEAVE(p); return p->a;"));
  });

  test("another is put in its place", () => {
    silent("struct pair other = {}; if (!p) p = &other; return p->a;");
    silent(
      "struct pair init = {}; if (!p) { bpf_map_update_elem(&pairs, &key, &init, 0); p = bpf_map_lookup_elem(&pairs, &key); if (!p) return 0; } return p->a;",
    );
  });
});

describe("no use of it", () => {
  test("to give it back, to keep it, to compare it, to name it where nothing is read", () => {
    silent("return p != 0;");
    silent("struct pair *q = p; if (!q) return 0; return p->a;");
    silent("__u32 size = sizeof(*p); if (!p) return size; return p->a;");
    silent("if (bpf_core_field_exists(p->a) && p) return p->a; return 0;");
    checkNoFindings(
      uncheckedNull,
      `${MAP}static struct pair *get(__u32 key) { return bpf_map_lookup_elem(&pairs, &key); }
SEC("xdp") int f(struct xdp_md *ctx) { struct pair *p = get(ctx->rx_queue_index); if (!p) return 0; return p->a; }`,
    );
  });

  test("helpers that take anything, or NULL", () => {
    silent("struct pair copy; bpf_probe_read_kernel(&copy, sizeof(copy), p); return 0;");
    silent('bpf_printk("%p", p); return 0;');
  });

  test("what nobody knows may have asked", () => {
    silent("mystery(p); return p->a;");
    silent("MYSTERY(p); return p->a;");
  });

  test("the address of a part, asked about before it is used", () => {
    silent("__u32 *b = &p->b; if (!p) return 0; return *b;");
  });
});

describe("found", () => {
  test("read, written, counted up, copied", () => {
    found(`
    return p->b;
//         ^^^^ p is not checked for NULL, which bpf_map_lookup_elem() may give: the verifier refuses the program`);
    found(`
    p->a = 1;
//  ^^^^ p is not checked for NULL, which bpf_map_lookup_elem() may give: the verifier refuses the program
    return p->b;`);
    found(`
    __sync_fetch_and_add(&p->b, 1);
//                       ^^^^^ p is not checked for NULL, which bpf_map_lookup_elem() may give: the verifier refuses the program
    return 0;`);
    found(`
    struct pair copy;
    __builtin_memcpy(&copy, p, sizeof(copy));
//                          ^ p is not checked for NULL, which bpf_map_lookup_elem() may give: the verifier refuses the program
    return 0;`);
  });

  test("given to a function that takes none", () => {
    found(`
    bpf_map_update_elem(&pairs, &key, p, 0);
//                                    ^ p is not checked for NULL, which bpf_map_lookup_elem() may give: the verifier refuses the program
    return 0;`);
  });

  test("on one path of several", () => {
    found(`
    if (key > 4 && !p) return 0;
    return p->a;
//         ^^^^ p is not checked for NULL, which bpf_map_lookup_elem() may give: the verifier refuses the program`);
    found(`
    if (!p) bpf_printk("nothing there");
    return p->a;
//         ^^^^ p is NULL here: clang leaves the branch out, or the verifier refuses the program`);
  });

  test("looked up once more", () => {
    found(`
    if (!p) return 0;
    p = bpf_map_lookup_elem(&pairs, &key);
    return p->a;
//         ^^^^ p is not checked for NULL, which bpf_map_lookup_elem() may give: the verifier refuses the program`);
  });

  test("moved before it is asked about, which clang takes for granted then", () => {
    found(`
    p += 1;
//  ^^^^^^ p is not checked for NULL, which bpf_map_lookup_elem() may give: the verifier refuses the program
    if (!p) return 0;
    return p->a;`);
    silent("p += 1; if (!p) return 0; return 1;");
  });

  test("asked about, and used where it is NULL", () => {
    found(`
    if (!p) bpf_map_update_elem(&pairs, &key, p, 0);
//                                            ^ p is NULL here, and bpf_map_update_elem() takes none: the verifier refuses the program
    return 0;`);
  });

  test("in a function of the file that is given it", () => {
    checkRule(
      uncheckedNull,
      `${MAP}
static int sum(struct pair *one)
{
    return one->a + one->b;
//         ^^^^^^ one is not checked for NULL, which bpf_map_lookup_elem() may give: the verifier refuses the program
}
SEC("xdp") int f(struct xdp_md *ctx) { ${LOOKUP} return sum(p); }`,
    );
  });

  test("records, sockets, what a context has", () => {
    checkRule(
      uncheckedNull,
      `struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
SEC("tp/sched/sched_switch") int f(void *ctx)
{
    __u64 *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
    *event = 1;
//  ^^^^^^ event is not checked for NULL, which bpf_ringbuf_reserve() may give: the verifier refuses the program
    bpf_ringbuf_submit(event, 0);
    return 0;
}`,
    );
    checkRule(
      uncheckedNull,
      `SEC("tc") int f(struct __sk_buff *skb)
{
    return skb->sk->family;
//         ^^^^^^^^^^^^^^^ skb->sk may be NULL, and is not checked: the verifier refuses the program
}`,
    );
  });

  test("kernel functions that may give NULL, and those that take none", () => {
    checkRule(
      uncheckedNull,
      `extern struct task_struct *bpf_task_from_pid(s32 pid) __ksym;
extern void bpf_task_release(struct task_struct *p) __ksym;
SEC("tp_btf/task_newtask") int BPF_PROG(f, struct task_struct *task, u64 flags)
{
    struct task_struct *one = bpf_task_from_pid(1);
    bpf_task_release(one);
//                   ^^^ one is not checked for NULL, which bpf_task_from_pid() may give: the verifier refuses the program
    bpf_task_release(NULL);
//                   ^^^^ the argument is NULL, and bpf_task_release() takes none: the verifier refuses the program
    return 0;
}`,
    );
  });

  test("pointers that a map keeps", () => {
    checkRule(
      uncheckedNull,
      `struct slot { struct task_struct __kptr *task; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1); __type(key, int); __type(value, struct slot); } slots SEC(".maps");
extern struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;
SEC("tp_btf/task_newtask") int BPF_PROG(f, struct task_struct *task, u64 flags)
{
    int key = 0;
    struct slot *slot = bpf_map_lookup_elem(&slots, &key);
    if (!slot) return 0;
    bpf_task_acquire(slot->task);
//                   ^^^^^^^^^^ slot->task may be NULL, and is not checked: the verifier refuses the program
    return 0;
}`,
    );
  });
});

describe("contexts of iterators", () => {
  const iterator = (name: string, body: string): string =>
    `SEC("iter/${name}") int f(struct bpf_iter__${name} *ctx)\n{\n${body}\n}`;

  test("what they show is missing at the end", () => {
    checkRule(
      uncheckedNull,
      iterator(
        "task",
        `    struct task_struct *task = ctx->task;
    return task->pid;
//         ^^^^^^^^^ task is not checked for NULL, which ctx->task may be: the verifier refuses the program`,
      ),
    );
    checkNoFindings(
      uncheckedNull,
      iterator("task", "struct task_struct *task = ctx->task; return task ? task->pid : 0;"),
    );
  });

  test("whose list it is, and what says so, never is", () => {
    checkNoFindings(uncheckedNull, iterator("bpf_map_elem", "return ctx->map->id + ctx->meta->seq_num;"));
  });
});

describe("kernel functions that the kernel may lack", () => {
  test("what is done where they are not there the verifier leaves out", () => {
    checkNoFindings(
      uncheckedNull,
      `extern void bpf_task_release(struct task_struct *p) __ksym __weak;
SEC("tp_btf/task_newtask") int f(void *ctx) { if (!bpf_ksym_exists(bpf_task_release)) bpf_task_release(NULL); return 0; }`,
    );
  });
});

describe("what equals a pointer that is not NULL", () => {
  test("is none either", () => {
    silent("struct pair *q = bpf_map_lookup_elem(&pairs, &key); if (!q) return 0; if (p == q) return p->a; return 0;");
  });
});

describe("functions that are verified by themselves", () => {
  const called = (head: string, use = "return p->a;"): string =>
    `struct pair { __u32 a, b; };
${head}
{
    ${use}
}
SEC("xdp") int f(struct xdp_md *ctx) { struct pair p = {}; return sum(&p); }`;

  test("their callers may give NULL", () => {
    checkRule(
      uncheckedNull,
      called(
        "__noinline int sum(struct pair *p)",
        `return p->a;
//         ^^^^ p is not checked for NULL, which a caller of sum() may give: the verifier refuses the program`,
      ),
    );
  });

  test("not where it is marked, where clang may inline them, or for a context", () => {
    checkNoFindings(uncheckedNull, called("__noinline int sum(struct pair *p __arg_nonnull)"));
    checkNoFindings(uncheckedNull, called("__noinline int sum(struct pair *p __arg_trusted)"));
    checkNoFindings(uncheckedNull, called("int sum(struct pair *p)"));
    checkNoFindings(uncheckedNull, called("static __noinline int sum(struct pair *p)"));
    checkNoFindings(
      uncheckedNull,
      `__noinline int g(struct __sk_buff *skb) { return skb->len; }
SEC("tc") int f(struct __sk_buff *skb) { return g(skb); }`,
    );
  });
});

describe("elements of arrays", () => {
  const array = (key: string, type = "ARRAY"): string =>
    `struct { __uint(type, BPF_MAP_TYPE_${type}); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64); } list SEC(".maps");
SEC("xdp") int f(struct xdp_md *ctx)
{
    __u32 key = ${key};
    __u64 *one = bpf_map_lookup_elem(&list, &key);
    return *one;
`;
  const SURE =
    "//         ^^^^ one is not checked for NULL, which bpf_map_lookup_elem() may give: the verifier refuses the program\n}";

  test("new kernels know which are there", () => {
    checkNoFindings(uncheckedNull, `${array("3")}}`);
    checkNoFindings(uncheckedNull, `${array("3", "PERCPU_ARRAY")}}`);
    checkNoFindings(uncheckedNull, `${array("3")}}`, { target: "6.14" });
  });

  test("older ones do not", () => {
    checkRule(
      uncheckedNull,
      `${array("3")}//         ^^^^ one is not checked for NULL: the verifier of 6.12 refuses that, 6.14 knows that element 3 is there\n}`,
      { target: "6.12" },
    );
  });

  test("an index behind the end, or from outside, no kernel knows", () => {
    checkRule(uncheckedNull, array("4") + SURE);
    checkRule(uncheckedNull, array("ctx->rx_queue_index") + SURE);
    checkRule(uncheckedNull, array("bpf_get_smp_processor_id()") + SURE);
    checkRule(uncheckedNull, array("0", "HASH") + SURE);
    checkRule(uncheckedNull, `const __u32 third = 2;\n${array("0").replace("&key)", "&third)")}${SURE}`);
  });

  test("silent where the verifier may know more than we do", () => {
    checkNoFindings(
      uncheckedNull,
      `struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64); } list SEC(".maps");
SEC("xdp") int f(struct xdp_md *ctx) { for (__u32 i = 0; i < 4; i++) { __u64 *one = bpf_map_lookup_elem(&list, &i); *one += 1; } return 0; }`,
    );
  });
});

describe("the fix", () => {
  const fixed = (before: string, after: string): void => checkFix(uncheckedNull, MAP + before, MAP + after);

  test("stands behind the declarations, and leaves as the function does", () => {
    fixed(
      `SEC("tp/x") int f(void *ctx)
{
	__u32 key = 0;
	struct pair *p = bpf_map_lookup_elem(&pairs, &key);
	int sum = 0;

	if (key > 3)
		return 1;
	sum += p->a;
	return sum;
}`,
      `SEC("tp/x") int f(void *ctx)
{
	__u32 key = 0;
	struct pair *p = bpf_map_lookup_elem(&pairs, &key);
	int sum = 0;

	if (!p)
		return 1;
	if (key > 3)
		return 1;
	sum += p->a;
	return sum;
}`,
    );
  });

  test("before a declaration that uses it", () => {
    fixed(
      `SEC("tp/x") int f(void *ctx)
{
	__u32 key = 0;
	struct pair *p = bpf_map_lookup_elem(&pairs, &key);
	int sum = p->a;

	return 0;
}`,
      `SEC("tp/x") int f(void *ctx)
{
	__u32 key = 0;
	struct pair *p = bpf_map_lookup_elem(&pairs, &key);
	if (!p)
		return 0;
	int sum = p->a;

	return 0;
}`,
    );
  });

  test("in the style of the file: braces, blanks, == NULL", () => {
    fixed(
      `SEC("tp/x") int f(void *ctx)
{
  __u32 key = 0;
  struct pair *p, *q;
  q = bpf_map_lookup_elem(&pairs, &key);
  if(q == NULL) {
    return -1;
  }
  p = bpf_map_lookup_elem(&pairs, &q->a); // the next one
  p->a = 1;
  return 0;
}`,
      `SEC("tp/x") int f(void *ctx)
{
  __u32 key = 0;
  struct pair *p, *q;
  q = bpf_map_lookup_elem(&pairs, &key);
  if(q == NULL) {
    return -1;
  }
  p = bpf_map_lookup_elem(&pairs, &q->a); // the next one
  if(p == NULL) {
    return -1;
  }
  p->a = 1;
  return 0;
}`,
    );
  });

  test("leaves as does no harm, where the function says nothing", () => {
    fixed(
      `SEC("xdp") int f(struct xdp_md *ctx)
{
    __u32 key = 0;
    struct pair *p = bpf_map_lookup_elem(&pairs, &key);

    return p->a;
}`,
      `SEC("xdp") int f(struct xdp_md *ctx)
{
    __u32 key = 0;
    struct pair *p = bpf_map_lookup_elem(&pairs, &key);

    if (!p)
        return XDP_PASS;
    return p->a;
}`,
    );
  });

  test("goes on with the next turn of a loop", () => {
    fixed(
      `SEC("tp/x") int f(void *ctx)
{
	for (__u32 i = 0; i < 4; i++) {
		struct pair *p = bpf_map_lookup_elem(&pairs, &i);
		p->a++;
	}
	return 0;
}`,
      `SEC("tp/x") int f(void *ctx)
{
	for (__u32 i = 0; i < 4; i++) {
		struct pair *p = bpf_map_lookup_elem(&pairs, &i);
		if (!p)
			continue;
		p->a++;
	}
	return 0;
}`,
    );
  });

  test("none where something is held, where there is no place, where nobody knows what to leave with", () => {
    const unfixed = (text: string): void => fixed(text, text);
    unfixed(`SEC("tp/x") int f(void *ctx)
{
	__u32 key = 0;
	struct pair *p;
	bpf_rcu_read_lock();
	p = bpf_map_lookup_elem(&pairs, &key);
	p->a = 1;
	bpf_rcu_read_unlock();
	return 0;
}`);
    unfixed(`SEC("tp/x") int f(void *ctx)
{
	__u32 key = 0;
	return ((struct pair *)bpf_map_lookup_elem(&pairs, &key))->a;
}`);
    unfixed(`SEC("tp/x") int f(void *ctx)
{
	__u32 key = 0;
	struct pair *p = NULL;
	if (ctx)
		p = bpf_map_lookup_elem(&pairs, &key);
	p->a = 1;
	return 0;
}`);
    unfixed(`static int g(__u32 key)
{
	struct pair *p = bpf_map_lookup_elem(&pairs, &key);
	return p->a;
}
SEC("tp/x") int f(void *ctx) { return g(0); }`);
  });
});

describe("NULL itself", () => {
  test("in a variable, given to a helper", () => {
    found(`   void *none = 0;
   return bpf_map_lookup_elem(none, &key) ? 1 : 0;
//                            ^^^^ none is NULL, and bpf_map_lookup_elem() takes none: the verifier refuses the program`);
    found(`   return bpf_map_lookup_elem(&pairs, (void *)0) ? 1 : 0;
//                                    ^^^^^^^^^ the argument is NULL, and bpf_map_lookup_elem() takes none: the verifier refuses the program`);
  });

  test("silent where it may be given, where another rule tells it, and on other paths", () => {
    silent("void *none = NULL; return bpf_sk_storage_get(&pairs, ctx, none, 0) ? 1 : 0;");
    silent("return bpf_map_lookup_elem(&pairs, NULL) ? 1 : 0;");
    silent("void *at = NULL; if (key) at = &key; if (!at) return 0; return bpf_map_lookup_elem(&pairs, at) ? 1 : 0;");
    silent("return bpf_map_lookup_elem(&pairs, &(int){0}) ? 1 : 0;");
    silent("void *sk = NULL; return bpf_sk_assign(ctx, sk, 0);");
  });
});

test("what was taken out of a tree may be nothing, and cannot be put back unasked", () => {
  const tree = (
    body: string,
  ): string => `extern int bpf_rbtree_add_impl(struct bpf_rb_root *root, struct bpf_rb_node *node, bool (less)(struct bpf_rb_node *a, const struct bpf_rb_node *b), void *meta, u64 offset) __ksym;
extern struct bpf_rb_node *bpf_rbtree_first(struct bpf_rb_root *root) __ksym;
SEC(".data.a") struct bpf_spin_lock lock;
SEC(".data.a") struct bpf_rb_root tree __contains(item, node);
static bool less(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
    return a < b;
}
SEC("tc")
int f(struct __sk_buff *skb)
{
    struct bpf_rb_node *node;
    bpf_spin_lock(&lock);
    node = bpf_rbtree_first(&tree);
${body}
    bpf_spin_unlock(&lock);
    return 0;
}
`;
  checkRule(
    uncheckedNull,
    tree(`    bpf_rbtree_add_impl(&tree, node, less, NULL, 0);
//                             ^^^^ node is not checked for NULL, which bpf_rbtree_first() may give: the verifier refuses the program`),
  );
  checkNoFindings(uncheckedNull, tree("    if (node)\n        bpf_rbtree_add_impl(&tree, node, less, NULL, 0);"));
});
