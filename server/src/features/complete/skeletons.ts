/** Whole programs and maps as snippets: the one source of `snippets/bpf-c.json` and of what completion offers. */

export interface Skeleton {
  readonly prefix: string;
  readonly title: string;
  readonly description: string;
  /** Beside linux/bpf.h and bpf/bpf_helpers.h. */
  readonly includes?: readonly string[];
  /** Structures of the kernel, for a file without vmlinux.h: no more of them than the program looks at. */
  readonly types?: readonly { readonly name: string; readonly text: string }[];
  /** In the language of snippets: stops are numbered in the order of the text, each value stands once, `$0` is the end. */
  readonly body: string;
}

/** Named, not looked into: harmless beside the real one. */
function opaque(name: string) {
  return { name, text: `struct ${name};` };
}

/** Offsets are looked up in the running kernel, so that the fields left out do not matter. */
function struct(name: string, ...fields: readonly string[]) {
  return {
    name,
    text: `struct ${name} {\n${fields.map((f) => `\t${f};\n`).join("")}} __attribute__((preserve_access_index));`,
  };
}

const TRACING = "bpf/bpf_tracing.h";
const REGISTERS = "linux/ptrace.h";

const TRACING_PROGRAMS: readonly Skeleton[] = [
  {
    prefix: "bpf-kprobe",
    title: "kprobe program",
    description: "A program at the entry of a kernel function.",
    includes: [REGISTERS, TRACING],
    types: [opaque("filename")],
    body: `SEC("kprobe/\${1:do_unlinkat}")
int BPF_KPROBE(\${2:on_entry}, \${3:int dfd, struct filename *name})
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;

	bpf_printk("\${4:called by %d}", pid);
	$0
	return 0;
}`,
  },
  {
    prefix: "bpf-kretprobe",
    title: "kretprobe program",
    description: "A program at the return of a kernel function, with what it returned.",
    includes: [REGISTERS, TRACING],
    body: `SEC("kretprobe/\${1:do_unlinkat}")
int BPF_KRETPROBE(\${2:on_return}, \${3:long ret})
{
	bpf_printk("\${4:returned %ld}", ret);
	$0
	return 0;
}`,
  },
  {
    prefix: "bpf-fentry",
    title: "fentry program",
    description: "A program at the entry of a kernel function, with its arguments by their types.",
    includes: [TRACING],
    types: [opaque("filename")],
    body: `SEC("fentry/\${1:do_unlinkat}")
int BPF_PROG(\${2:on_entry}, \${3:int dfd, struct filename *name})
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;

	bpf_printk("\${4:called by %d}", pid);
	$0
	return 0;
}`,
  },
  {
    prefix: "bpf-fexit",
    title: "fexit program",
    description: "A program at the return of a kernel function, with its arguments and what it returned.",
    includes: [TRACING],
    types: [opaque("filename")],
    body: `SEC("fexit/\${1:do_unlinkat}")
int BPF_PROG(\${2:on_return}, \${3:int dfd, struct filename *name, long ret})
{
	bpf_printk("\${4:returned %ld}", ret);
	$0
	return 0;
}`,
  },
  {
    prefix: "bpf-tracepoint",
    title: "Tracepoint program",
    description: "A program on a kernel tracepoint, with a context for the common fields of every event.",
    body: `struct \${1:open_event} {
	__u64 common;
	\${2:__u64 syscall_nr;}
};

SEC("tracepoint/\${3:syscalls}/\${4:sys_enter_openat}")
int \${5:on_open}(struct $1 *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;

	bpf_printk("\${6:open by %d}", pid);
	$0
	return 0;
}`,
  },
  {
    prefix: "bpf-rawtp",
    title: "Raw tracepoint program",
    description: "A program on a tracepoint that gets its arguments as plain numbers.",
    body: `SEC("raw_tp/\${1:sched_process_exec}")
int \${2:on_event}(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 first = ctx->args[\${3:0}];

	bpf_printk("\${4:first argument %llx}", first);
	$0
	return 0;
}`,
  },
  {
    prefix: "bpf-tpbtf",
    title: "BTF tracepoint program",
    description: "A program on a tracepoint that gets its arguments by their types.",
    includes: [TRACING],
    types: [struct("task_struct", "int pid", "int tgid"), opaque("linux_binprm")],
    body: `SEC("tp_btf/\${1:sched_process_exec}")
int BPF_PROG(\${2:on_event}, \${3:struct task_struct *p, int old_pid, struct linux_binprm *bprm})
{
	bpf_printk("\${4:pid %d}", \${5:p->tgid});
	$0
	return 0;
}`,
  },
  {
    prefix: "bpf-lsm",
    title: "LSM program",
    description: "A program on a security hook: 0 allows, a negative error code refuses.",
    includes: [TRACING],
    types: [opaque("file")],
    body: `SEC("lsm/\${1:file_open}")
int BPF_PROG(\${2:check}, \${3:struct file *file}, int ret)
{
	/* What an earlier program has refused stays refused. */
	if (ret)
		return ret;

	$0
	return 0;
}`,
  },
  {
    prefix: "bpf-uprobe",
    title: "uprobe program",
    description: "A program at the entry of a function of a library or executable.",
    includes: [REGISTERS, TRACING],
    body: `SEC("uprobe/\${1:libc.so.6}:\${2:malloc}")
int BPF_KPROBE(\${3:on_entry}, \${4:unsigned long size})
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;

	bpf_printk("\${5:called by %d}", pid);
	$0
	return 0;
}`,
  },
  {
    prefix: "bpf-uretprobe",
    title: "uretprobe program",
    description: "A program at the return of a function of a library or executable.",
    includes: [REGISTERS, TRACING],
    body: `SEC("uretprobe/\${1:libc.so.6}:\${2:malloc}")
int BPF_KRETPROBE(\${3:on_return}, \${4:void *ret})
{
	bpf_printk("\${5:returned %p}", ret);
	$0
	return 0;
}`,
  },
  {
    prefix: "bpf-usdt",
    title: "USDT program",
    description: "A program on a probe that a library or executable brings with it.",
    includes: ["stdbool.h", REGISTERS, TRACING, "bpf/usdt.bpf.h"],
    body: `SEC("usdt/\${1:libc.so.6}:\${2:libc}:\${3:setjmp}")
int BPF_USDT(\${4:on_probe}, \${5:void *env})
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;

	bpf_printk("\${6:probe in %d}", pid);
	$0
	return 0;
}`,
  },
  {
    prefix: "bpf-ksyscall",
    title: "System call program",
    description: "A program at the entry of a system call, whatever the processor calls it.",
    includes: [REGISTERS],
    // Without vmlinux.h no kernel finds the registers that the arguments are read from: <linux/ptrace.h> has other names for them.
    body: `SEC("ksyscall/\${1:openat}")
/* With vmlinux.h and bpf_tracing.h its arguments, too: int BPF_KSYSCALL(\${2:on_call}, int dfd, const char *path) */
int $2(struct pt_regs *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;

	bpf_printk("\${3:called by %d}", pid);
	$0
	return 0;
}`,
  },
  {
    prefix: "bpf-perfevent",
    title: "perf event program",
    description: "A program that runs when a perf event fires, a timer or a counter.",
    includes: ["linux/bpf_perf_event.h"],
    body: `SEC("perf_event")
int \${1:on_sample}(struct bpf_perf_event_data *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;

	if (!pid)
		return 0;

	bpf_printk("\${2:sample in %d}", pid);
	$0
	return 0;
}`,
  },
  {
    prefix: "bpf-iter",
    title: "Iterator program",
    description: "A program that runs once for every task and writes text to the reader.",
    includes: [TRACING],
    types: [
      struct("task_struct", "int pid", "int tgid", "char comm[16]"),
      struct("bpf_iter_meta", "struct seq_file *seq"),
      struct("bpf_iter__task", "struct bpf_iter_meta *meta", "struct task_struct *task"),
    ],
    body: `SEC("iter/task")
int \${1:dump_task}(struct bpf_iter__task *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct task_struct *task = ctx->task;

	/* The last call, behind the last task. */
	if (!task)
		return 0;

	BPF_SEQ_PRINTF(seq, "\${2:%d %s}\\\\n", \${3:task->tgid, task->comm});
	$0
	return 0;
}`,
  },
  {
    prefix: "bpf-structops",
    title: "struct_ops programs",
    description: "A TCP congestion control of one's own: its operations and the structure that registers them.",
    includes: [TRACING],
    types: [
      opaque("sock"),
      struct(
        "tcp_congestion_ops",
        "char name[16]",
        "__u32 (*ssthresh)(struct sock *sk)",
        "void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked)",
        "__u32 (*undo_cwnd)(struct sock *sk)",
      ),
    ],
    body: `SEC("struct_ops")
__u32 BPF_PROG(\${1:fixed}_ssthresh, struct sock *sk)
{
	return \${2:10};
}

SEC("struct_ops")
void BPF_PROG($1_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
	$0
}

SEC("struct_ops")
__u32 BPF_PROG($1_undo_cwnd, struct sock *sk)
{
	return \${3:10};
}

SEC(".struct_ops")
struct tcp_congestion_ops $1 = {
	.name = "bpf_$1",
	.ssthresh = (void *)$1_ssthresh,
	.cong_avoid = (void *)$1_cong_avoid,
	.undo_cwnd = (void *)$1_undo_cwnd,
};`,
  },
];

const NETWORK_PROGRAMS: readonly Skeleton[] = [
  {
    prefix: "bpf-xdp",
    title: "XDP program",
    description: "An XDP program with the packet bounds check that the verifier asks for.",
    body: `SEC("\${1|xdp,xdp.frags|}")
int \${2:handle_packet}(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;

	if (data + \${3:14} > data_end)
		return \${4|XDP_PASS,XDP_DROP,XDP_ABORTED|};

	$0
	return \${5|XDP_PASS,XDP_DROP,XDP_TX,XDP_ABORTED|};
}`,
  },
  {
    prefix: "bpf-tc",
    title: "TC program",
    description: "A traffic control program with the packet bounds check that the verifier asks for.",
    body: `#ifndef TC_ACT_OK
#define TC_ACT_OK 0
#define TC_ACT_SHOT 2
#endif

SEC("\${1|tc,tc/ingress,tc/egress|}")
int \${2:handle_packet}(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data;
	void *data_end = (void *)(long)skb->data_end;

	if (data + \${3:14} > data_end)
		return TC_ACT_OK;

	$0
	return \${4|TC_ACT_OK,TC_ACT_SHOT|};
}`,
  },
  {
    prefix: "bpf-sklookup",
    title: "Socket lookup program",
    description: "A program that chooses the listening socket of a new connection.",
    body: `struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} \${1:servers} SEC(".maps");

SEC("sk_lookup")
int \${2:choose_socket}(struct bpf_sk_lookup *ctx)
{
	__u32 key = 0;
	struct bpf_sock *sk;
	long err;

	if (ctx->local_port != \${3:8080})
		return SK_PASS;

	sk = bpf_map_lookup_elem(&$1, &key);
	if (!sk)
		return SK_PASS;

	err = bpf_sk_assign(ctx, sk, 0);
	bpf_sk_release(sk);
	$0
	return err ? SK_DROP : SK_PASS;
}`,
  },
  {
    prefix: "bpf-sockops",
    title: "Socket operations program",
    description: "A program that hears of the life of TCP connections in a cgroup.",
    body: `SEC("sockops")
int \${1:on_socket_event}(struct bpf_sock_ops *ctx)
{
	switch (ctx->op) {
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		$0
		break;
	}
	return 1;
}`,
  },
  {
    prefix: "bpf-connect",
    title: "cgroup/connect4 program",
    description: "A program that allows or refuses connections of a cgroup's tasks over IPv4.",
    includes: ["bpf/bpf_endian.h"],
    body: `SEC("cgroup/connect4")
int \${1:on_connect}(struct bpf_sock_addr *ctx)
{
	/* 0 refuses, 1 allows. */
	if (ctx->user_port == bpf_htons(\${2:25}))
		return 0;

	$0
	return 1;
}`,
  },
  {
    prefix: "bpf-cgroupskb",
    title: "cgroup/skb program",
    description: "A program that passes or drops the packets of a cgroup.",
    body: `SEC("cgroup_skb/\${1|egress,ingress|}")
int \${2:filter_packet}(struct __sk_buff *skb)
{
	/* 0 drops, 1 lets through. */
	if (skb->len > \${3:65535})
		return 0;

	$0
	return 1;
}`,
  },
  {
    prefix: "bpf-sockcreate",
    title: "cgroup/sock_create program",
    description: "A program that allows or refuses new sockets of a cgroup's tasks.",
    body: `SEC("cgroup/sock_create")
int \${1:on_socket}(struct bpf_sock *ctx)
{
	/* 0 refuses, 1 allows. */
	if (ctx->family == \${2:17 /* AF_PACKET */})
		return 0;

	$0
	return 1;
}`,
  },
  {
    prefix: "bpf-sysctl",
    title: "cgroup/sysctl program",
    description: "A program that allows or refuses reads and writes of sysctls.",
    body: `SEC("cgroup/sysctl")
int \${1:on_sysctl}(struct bpf_sysctl *ctx)
{
	char name[64];

	if (bpf_sysctl_get_name(ctx, name, sizeof(name), 0) < 0)
		return 1;

	/* 0 refuses, 1 allows. */
	if (ctx->write && !bpf_strncmp(name, sizeof("\${2:kernel/}") - 1, "$2"))
		return 0;

	$0
	return 1;
}`,
  },
  {
    prefix: "bpf-sockopt",
    title: "cgroup/setsockopt program",
    description: "A program that allows, changes or refuses socket options of a cgroup's tasks.",
    body: `SEC("cgroup/\${1|setsockopt,getsockopt|}")
int \${2:on_option}(struct bpf_sockopt *ctx)
{
	/* 0 refuses, 1 goes on. */
	if (ctx->level == \${3:1 /* SOL_SOCKET */} && ctx->optname == \${4:12 /* SO_PRIORITY */})
		return 0;

	$0
	return 1;
}`,
  },
];

const MAPS: readonly Skeleton[] = [
  {
    prefix: "bpf-ringbuf",
    title: "Ring buffer map with reserve and submit",
    description: "A ring buffer, its record, and a program that reserves a record, fills it and submits it.",
    body: `struct \${1:event} {
	__u32 pid;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, \${2|256 * 1024,64 * 1024,16 * 1024,1024 * 1024|});
} \${3:events} SEC(".maps");

SEC("tracepoint/\${4:sched}/\${5:sched_process_exec}")
int \${6:send_event}(void *ctx)
{
	struct $1 *e;

	e = bpf_ringbuf_reserve(&$3, sizeof(*e), 0);
	if (!e)
		return 0;

	e->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	$0
	bpf_ringbuf_submit(e, \${7|0,BPF_RB_NO_WAKEUP,BPF_RB_FORCE_WAKEUP|});
	return 0;
}`,
  },
  {
    prefix: "bpf-perfbuf",
    title: "perf buffer map with output",
    description: "A perf event array, its record, and a program that sends a record through it.",
    body: `struct \${1:event} {
	__u32 pid;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} \${2:events} SEC(".maps");

SEC("tracepoint/\${3:sched}/\${4:sched_process_exec}")
int \${5:send_event}(void *ctx)
{
	struct $1 e = {};

	e.pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(e.comm, sizeof(e.comm));
	$0
	bpf_perf_event_output(ctx, &$2, BPF_F_CURRENT_CPU, &e, sizeof(e));
	return 0;
}`,
  },
  {
    prefix: "bpf-hash",
    title: "Hash map",
    description: "A hash map definition with key, value and size.",
    body: `struct {
	__uint(type, \${1|BPF_MAP_TYPE_HASH,BPF_MAP_TYPE_LRU_HASH,BPF_MAP_TYPE_PERCPU_HASH,BPF_MAP_TYPE_LRU_PERCPU_HASH|});
	__uint(max_entries, \${2:1024});
	__type(key, \${3:__u32});
	__type(value, \${4:__u64});
} \${5:counts} SEC(".maps");
$0`,
  },
  {
    prefix: "bpf-lru",
    title: "LRU hash map",
    description: "A hash map that drops the entry used least recently when it is full.",
    body: `struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, \${1:10240});
	__type(key, \${2:__u32});
	__type(value, \${3:__u64});
} \${4:recent} SEC(".maps");
$0`,
  },
  {
    prefix: "bpf-percpu",
    title: "Per-CPU array map",
    description: "An array with a value of its own on each CPU: counting needs no lock.",
    body: `struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, \${1:1});
	__type(key, __u32);
	__type(value, \${2:__u64});
} \${3:counters} SEC(".maps");
$0`,
  },
  {
    prefix: "bpf-lpm",
    title: "LPM trie map",
    description: "A map from address prefixes to values: the longest one that matches wins.",
    body: `struct \${1:ipv4_prefix} {
	__u32 prefixlen;
	__u8 address[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, \${2:1024});
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct $1);
	__type(value, \${3:__u32});
} \${4:routes} SEC(".maps");
$0`,
  },
  {
    prefix: "bpf-progarray",
    title: "Program array map with tail call",
    description: "A program array that is filled when it is loaded, and a program that calls one of its entries.",
    body: `SEC("\${1:xdp}")
int \${2:target}(struct \${3:xdp_md} *ctx)
{
	return \${4:XDP_PASS};
}

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, \${5:4});
	__uint(key_size, sizeof(__u32));
	__array(values, int (struct $3 *));
} \${6:programs} SEC(".maps") = {
	.values = {
		[0] = &$2,
	},
};

SEC("$1")
int \${7:entry}(struct $3 *ctx)
{
	$0
	bpf_tail_call(ctx, &$6, 0);
	/* Reached only when there is no such entry. */
	return $4;
}`,
  },
  {
    prefix: "bpf-mapinmap",
    title: "Map in map",
    description: "An array of hash maps, and one map that it holds from the start.",
    body: `struct \${1:inner_map} {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, \${2:256});
	__type(key, \${3:__u32});
	__type(value, \${4:__u64});
} \${5:first} SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, \${6:4});
	__type(key, __u32);
	__array(values, struct $1);
} \${7:outer} SEC(".maps") = {
	.values = {
		[0] = &$5,
	},
};
$0`,
  },
  {
    prefix: "bpf-taskstorage",
    title: "Task storage map",
    description: "A value for each task that goes away with it, and a program that counts in it.",
    includes: [TRACING],
    types: [opaque("task_struct")],
    body: `struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, \${1:__u64});
} \${2:per_task} SEC(".maps");

SEC("tp_btf/\${3:sys_enter}")
int BPF_PROG(\${4:count_calls})
{
	struct task_struct *task = bpf_get_current_task_btf();
	$1 *value;

	value = bpf_task_storage_get(&$2, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!value)
		return 0;

	$0
	*value += 1;
	return 0;
}`,
  },
  {
    prefix: "bpf-license",
    title: "Licence",
    description: "The licence line: without a GPL-compatible licence the kernel refuses many helpers.",
    body: `char LICENSE[] SEC("license") = "\${1|GPL,Dual BSD/GPL,Dual MIT/GPL|}";
$0`,
  },
];

export const skeletons: readonly Skeleton[] = [...NETWORK_PROGRAMS, ...TRACING_PROGRAMS, ...MAPS];

export interface Snippet {
  readonly prefix: string;
  readonly description: string;
  readonly body: readonly string[];
}

/** The content of `snippets/bpf-c.json`. It cannot see the file, so it brings along what may be there already. */
export function snippetFile(): Readonly<Record<string, Snippet>> {
  return Object.fromEntries(
    skeletons.map(({ title, prefix, description, includes = [], types = [], body }) => {
      const headers = includes.map((path) => `#include <${path}>`);
      const own =
        types.length === 0 ? [] : ["#ifndef __VMLINUX_H__", ...types.flatMap(({ text }) => text.split("\n")), "#endif"];
      const lead = [...headers, ...own];
      return [title, { prefix, description, body: [...lead, ...(lead.length > 0 ? [""] : []), ...body.split("\n")] }];
    }),
  );
}
