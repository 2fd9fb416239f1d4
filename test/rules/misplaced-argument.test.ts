import { test } from "vitest";
import { misplacedArgument } from "../../server/src/analysis/rules/misplaced-argument.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const MAP = `
struct value { struct bpf_spin_lock lock; struct bpf_timer timer; u64 count; };
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct value);
} shared SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");
`;

test("flags what lies where it must not", () => {
  checkRule(
    misplacedArgument,
    `${MAP}
struct bpf_dynptr kept;
int counted;

SEC("tc")
int f(struct __sk_buff *skb)
{
    u32 key = 0;
    struct bpf_timer timer;
    struct value *value = bpf_map_lookup_elem(&shared, &key);
    if (!value)
        return 0;
    bpf_timer_start(&timer, 0, 0);
//                  ^^^^^^ bpf_timer_start() wants a timer in a map's value, not a variable on the stack: the verifier refuses it
    bpf_ringbuf_reserve_dynptr(&events, 8, 0, &kept);
//                                            ^^^^^ bpf_ringbuf_reserve_dynptr() wants a dynptr on the stack, not a variable of the file: the verifier refuses it
    bpf_ringbuf_discard(value, 0);
//                      ^^^^^ bpf_ringbuf_discard() wants what bpf_ringbuf_reserve() gave, not a map's value: the verifier refuses it
    bpf_this_cpu_ptr(&counted);
//                   ^^^^^^^^ bpf_this_cpu_ptr() wants a per-CPU variable, not a variable of the file: the verifier refuses it
    return 0;
}
`,
  );
});

test("silent where everything is in its place, or nobody knows", () => {
  checkNoFindings(
    misplacedArgument,
    `${MAP}
extern const struct rq runqueues __ksym;

static void done(u64 *record)
{
	bpf_ringbuf_submit(record, 0);
}

SEC("tc")
int f(struct __sk_buff *skb)
{
	u32 key = 0;
	struct bpf_dynptr ptr;
	u64 *record = bpf_ringbuf_reserve(&events, 8, 0);
	struct value *value = bpf_map_lookup_elem(&shared, &key);

	if (record)
		done(record);
	bpf_ringbuf_reserve_dynptr(&events, 8, 0, &ptr);
	bpf_ringbuf_submit_dynptr(&ptr, 0);
	bpf_this_cpu_ptr(&runqueues);
	if (!value)
		return 0;
	bpf_spin_lock(&value->lock);
	bpf_spin_unlock(&value->lock);
	bpf_timer_start(&value->timer, 0, 0);
	return 0;
}
`,
  );
});

test("flags memory and objects where a record or a per-CPU variable is wanted", () => {
  checkRule(
    misplacedArgument,
    `${MAP}
struct node { int x; };
extern const int runqueues __ksym;
extern void *bpf_obj_new_impl(u64 type, void *meta) __ksym;
extern void *bpf_percpu_obj_new_impl(u64 type, void *meta) __ksym;
static struct bpf_spin_lock lock SEC(".data.lock");

SEC("tc")
int f(struct __sk_buff *skb)
{
    struct bpf_dynptr ptr;
    int *sample, *part;
    struct node *node, *each;

    bpf_ringbuf_reserve_dynptr(&events, 8, 0, &ptr);
    sample = bpf_dynptr_data(&ptr, 0, 4);
    if (!sample)
        return 0;
    bpf_ringbuf_submit(sample, 0);
//                     ^^^^^^ bpf_ringbuf_submit() wants what bpf_ringbuf_reserve() gave, not other memory: the verifier refuses it
    part = bpf_this_cpu_ptr(&runqueues);
    bpf_this_cpu_ptr(part);
//                   ^^^^ bpf_this_cpu_ptr() wants a per-CPU variable, not other memory: the verifier refuses it
    bpf_this_cpu_ptr(&lock);
//                   ^^^^^ bpf_this_cpu_ptr() wants a per-CPU variable, not a variable of the file: the verifier refuses it
    node = bpf_obj_new_impl(1, 0);
    if (node)
        bpf_this_cpu_ptr(node);
//                       ^^^^ bpf_this_cpu_ptr() wants a per-CPU variable, not an object of the program's own: the verifier refuses it
    each = bpf_percpu_obj_new_impl(1, 0);
    if (each)
        bpf_this_cpu_ptr(each);
    return 0;
}
`,
  );
});

test("flags what is read from an object where a per-CPU variable is wanted, unless the object keeps it", () => {
  checkRule(
    misplacedArgument,
    `
struct part { int x; };
struct node { struct part *plain; struct part __percpu_kptr *kept; };
extern void *bpf_obj_new_impl(u64 type, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *object, void *meta) __ksym;

SEC("tc")
int f(struct __sk_buff *skb)
{
    struct node *node = bpf_obj_new_impl(1, 0);

    if (!node)
        return 0;
    bpf_this_cpu_ptr(node->plain);
//                   ^^^^^^^^^^^ bpf_this_cpu_ptr() wants a per-CPU variable, not what is read from an object: the verifier refuses it
    bpf_this_cpu_ptr(node->kept);
    bpf_obj_drop_impl(node, 0);
    return 0;
}
`,
  );
});
