import { expect, test } from "vitest";
import { rawArgument } from "../../server/src/analysis/rules/raw-argument.ts";
import { checkFix, checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const MAPS = `
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, u64);
} storage SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u64);
	__type(value, u64);
} seen SEC(".maps");
`;

test("flags tasks and memory that are numbers", () => {
  checkRule(
    rawArgument,
    `${MAPS}
SEC("kprobe/f")
int BPF_KPROBE(f, u64 *key, const char *name)
{
    struct task_struct *task = (void *)bpf_get_current_task();
    bpf_task_storage_get(&storage, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
//                                 ^^^^ what bpf_get_current_task() gives is a number to the verifier, and bpf_task_storage_get() wants a pointer that it knows
    bpf_map_lookup_elem(&seen, key);
//                             ^^^ key is a number to the verifier, and bpf_map_lookup_elem() wants a pointer that it knows
    return bpf_strncmp(name, 4, "init");
//                     ^^^^ name is a number to the verifier, and bpf_strncmp() wants a pointer that it knows
}

SEC("raw_tp/task_newtask")
int g(struct bpf_raw_tracepoint_args *ctx)
{
    struct task_struct *task = bpf_core_cast((void *)ctx->args[0], struct task_struct);
    bpf_task_storage_get(&storage, task, 0, 0);
//                                 ^^^^ bpf_task_storage_get() does not take what bpf_core_cast() gives: the verifier does not trust it
    return 0;
}
`,
  );
});

test("silent where any address will do, and where it is known", () => {
  checkNoFindings(
    rawArgument,
    `${MAPS}
SEC("kprobe/f")
int BPF_KPROBE(f, u64 *from, const char *name)
{
	u64 key = 0;
	char text[16];

	bpf_probe_read_kernel(&key, sizeof(key), from);
	bpf_probe_read_user_str(text, sizeof(text), name);
	bpf_map_update_elem(&seen, &key, &key, BPF_ANY);
	bpf_task_storage_get(&storage, bpf_get_current_task_btf(), 0, 0);
	return bpf_strncmp(BPF_CORE_READ((struct task_struct *)from, comm), 4, "init");
}

SEC("lsm/task_alloc")
int BPF_PROG(g, struct task_struct *task)
{
	bpf_task_storage_get(&storage, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	bpf_task_storage_get(&storage, task->real_parent, 0, 0);
	return 0;
}
`,
  );
});

test("silent about an array of the file's own whose first element was written to", () => {
  checkNoFindings(
    rawArgument,
    `${MAPS}
unsigned char key[8];

SEC("xdp")
int f(struct xdp_md *ctx)
{
	key[0] = bpf_get_smp_processor_id();
	return bpf_map_lookup_elem(&seen, key) != 0;
}
`,
  );
});

test("asks for the current task as a pointer, where every target can", () => {
  const program = (helper: string) => `${MAPS}
SEC("kprobe/f")
int f(void *ctx)
{
	struct task_struct *task = (struct task_struct *)${helper}();
	return bpf_task_storage_get(&storage, task, 0, 0) != 0;
}
`;
  checkFix(rawArgument, program("bpf_get_current_task"), program("bpf_get_current_task_btf"));
  const [found] = findingsIn(program("bpf_get_current_task"), [rawArgument], { target: "5.10" });
  expect(found?.message).toContain("bpf_get_current_task()");
  expect(found?.fixes).toBeUndefined();
});

test("memory of the kernel's in programs on functions", () => {
  const program = (section: string, use: string) => `${MAPS}
SEC("${section}")
int BPF_PROG(f, struct task_struct *task, const char *text)
{
    char own[16];
    u64 pid = task->pid;
${use}
    return 0;
}
`;
  checkRule(
    rawArgument,
    program(
      "fentry/__set_task_comm",
      `    if (bpf_strncmp(task->comm, 16, "curl") == 0)
//                  ^^^^^^^^^^ bpf_strncmp() reads no memory of the kernel's in programs on functions: copy it with bpf_probe_read_kernel() first
        return 1;
    bpf_map_lookup_elem(&seen, &task->start_time);
//                             ^^^^^^^^^^^^^^^^^ bpf_map_lookup_elem() reads no memory of the kernel's in programs on functions: copy it with bpf_probe_read_kernel() first`,
    ),
  );
  for (const use of [
    "    bpf_map_lookup_elem(&seen, &pid);",
    '    bpf_probe_read_kernel(own, 16, task->comm); bpf_strncmp(own, 16, "curl");',
    "    bpf_task_storage_get(&storage, task, 0, 0);",
    '    struct task_struct *me = bpf_get_current_task_btf(); bpf_strncmp(me->comm, 16, "curl");',
  ])
    checkNoFindings(rawArgument, program("fentry/__set_task_comm", use));
  // There it is sure that it is there still.
  checkNoFindings(rawArgument, program("tp_btf/task_newtask", '    bpf_strncmp(task->comm, 16, "curl");'));
});
