// @ts-check
/** Writes the BPF programs that are measured: our own text, the same on every run, in three sizes and any variant. */

/** @typedef {"small" | "middling" | "large"} Size */

/**
 * What a program looks at. `object` is the first argument of the kernel function.
 * @typedef {object} Subject
 * @property {string} name
 * @property {string} syscall
 * @property {string} kernel
 * @property {string} object
 */

/** @type {readonly Subject[]} */
const SUBJECTS = [
  ["open", "openat", "do_filp_open", "int dfd"],
  ["read", "read", "vfs_read", "struct file *file"],
  ["write", "write", "vfs_write", "struct file *file"],
  ["sync", "fsync", "vfs_fsync", "struct file *file"],
  ["connect", "connect", "tcp_connect", "struct sock *sk"],
  ["close", "close", "tcp_close", "struct sock *sk"],
  ["send", "sendto", "tcp_sendmsg", "struct sock *sk"],
  ["receive", "recvfrom", "tcp_recvmsg", "struct sock *sk"],
  ["unlink", "unlinkat", "do_unlinkat", "int dfd"],
  ["rename", "renameat2", "vfs_rename", "struct renamedata *rd"],
  ["mount", "mount", "path_mount", "const char *dev_name"],
  ["exec", "execve", "bprm_execve", "struct linux_binprm *bprm"],
  ["fork", "clone", "wake_up_new_task", "struct task_struct *child"],
  ["exit", "exit_group", "do_exit", "long code"],
  ["map", "mmap", "do_mmap", "struct file *file"],
  ["lock", "futex", "mutex_lock", "struct mutex *lock"],
  ["kill", "kill", "do_send_sig_info", "int sig"],
  ["stat", "newfstatat", "vfs_statx", "int dfd"],
].map(([name = "", syscall = "", kernel = "", object = ""]) => ({ name, syscall, kernel, object }));

const BLOCKS = [countCalls, measureLatency, reportEvents, readArguments, walkParents];
const BLOCKS_OF = { middling: 5, large: 26 };

/**
 * @param {Size} size
 * @param {number} variant programs of the same size about other things
 * @param {boolean} hasVmlinux whether there is a `vmlinux.h` to include
 */
export function program(size, variant, hasVmlinux) {
  if (size === "small") return packetFilter(variant);
  const blocks = Array.from({ length: BLOCKS_OF[size] }, (_, i) => {
    const block = BLOCKS[(i + variant) % BLOCKS.length] ?? countCalls;
    return block(subject(i + variant * 5));
  });
  const head = hasVmlinux ? WITH_VMLINUX : WITHOUT_VMLINUX;
  return `// Generated for the benchmark: ${size} program ${variant}.\n${[head, ...blocks, LICENCE].join("\n")}`;
}

/** The subjects again and again, each time under a new name. @param {number} i @returns {Subject} */
function subject(i) {
  const one = SUBJECTS[i % SUBJECTS.length] ?? { name: "", syscall: "", kernel: "", object: "" };
  const turn = Math.floor(i / SUBJECTS.length);
  return turn === 0 ? one : { ...one, name: `${one.name}${turn + 1}` };
}

const LICENCE = `char LICENSE[] SEC("license") = "GPL";\n`;

const SHARED_HEAD = `#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#define COMM_LENGTH 16
#define MAX_SLOTS 26

const volatile __u32 target_pid = 0;
`;

const WITH_VMLINUX = `#include "vmlinux.h"\n${SHARED_HEAD}`;

/** Where the kernel gives no BTF, the few types that the programs look into. */
const WITHOUT_VMLINUX = `#include <linux/bpf.h>
#include <linux/ptrace.h>
${SHARED_HEAD}
struct file;
struct sock;
struct mutex;
struct renamedata;
struct linux_binprm;

struct trace_event_raw_sys_enter {
	__u64 common;
	long id;
	unsigned long args[6];
};

struct task_struct {
	int pid;
	int tgid;
	struct task_struct *real_parent;
} __attribute__((preserve_access_index));
`;

/** @param {Subject} subject */
function countCalls({ name, syscall }) {
  return `/* How often each process calls ${syscall}(). */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, __u32);
	__type(value, __u64);
} ${name}_count SEC(".maps");

static __always_inline void count_${name}(__u32 pid)
{
	__u64 one = 1;
	__u64 *count = bpf_map_lookup_elem(&${name}_count, &pid);

	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&${name}_count, &pid, &one, BPF_NOEXIST);
}

SEC("tracepoint/syscalls/sys_enter_${syscall}")
int ${name}_counted(struct trace_event_raw_sys_enter *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;

	if (target_pid && pid != target_pid)
		return 0;
	count_${name}(pid);
	return 0;
}
`;
}

/** @param {Subject} subject */
function measureLatency({ name, kernel, object }) {
  return `/* How long ${kernel}() takes, as a histogram of powers of two. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, __u64);
} ${name}_started SEC(".maps");

struct ${name}_histogram {
	__u32 slots[MAX_SLOTS];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ${name}_histogram);
} ${name}_latency SEC(".maps");

static __always_inline __u32 ${name}_slot(__u64 value)
{
	__u32 slot = 0;

	for (int i = 0; i < MAX_SLOTS - 1; i++) {
		if (value <= 1)
			break;
		value >>= 1;
		slot++;
	}
	return slot;
}

SEC("kprobe/${kernel}")
int BPF_KPROBE(${name}_enter, ${object})
{
	__u64 id = bpf_get_current_pid_tgid();
	__u64 now = bpf_ktime_get_ns();

	if (target_pid && id >> 32 != target_pid)
		return 0;
	bpf_map_update_elem(&${name}_started, &id, &now, BPF_ANY);
	return 0;
}

SEC("kretprobe/${kernel}")
int BPF_KRETPROBE(${name}_return, long result)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u64 *started = bpf_map_lookup_elem(&${name}_started, &id);
	struct ${name}_histogram *histogram;
	__u32 slot, zero = 0;

	if (!started)
		return 0;
	histogram = bpf_map_lookup_elem(&${name}_latency, &zero);
	if (histogram) {
		slot = ${name}_slot((bpf_ktime_get_ns() - *started) / 1000);
		if (slot < MAX_SLOTS)
			histogram->slots[slot]++;
	}
	bpf_map_delete_elem(&${name}_started, &id);
	return 0;
}
`;
}

/** @param {Subject} subject */
function reportEvents({ name, kernel, object }) {
  return `/* Tells user space about every ${kernel}(). */
struct ${name}_event {
	__u64 time;
	__u32 pid;
	__u32 uid;
	__u64 object;
	char comm[COMM_LENGTH];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} ${name}_events SEC(".maps");

SEC("kprobe/${kernel}")
int BPF_KPROBE(${name}_reported, ${object})
{
	struct ${name}_event *event;

	event = bpf_ringbuf_reserve(&${name}_events, sizeof(*event), 0);
	if (!event)
		return 0;

	event->time = bpf_ktime_get_ns();
	event->pid = bpf_get_current_pid_tgid() >> 32;
	event->uid = bpf_get_current_uid_gid();
	event->object = (__u64)${object.split(/[ *]+/).at(-1)};
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	bpf_ringbuf_submit(event, 0);
	return 0;
}
`;
}

/** @param {Subject} subject */
function readArguments({ name, syscall }) {
  return `/* The first words that ${syscall}() is given, one record per processor. */
struct ${name}_record {
	__u32 pid;
	__u32 length;
	__u64 words[6];
	char text[64];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ${name}_record);
} ${name}_records SEC(".maps");

static __noinline int read_${name}_text(struct ${name}_record *record, const void *address)
{
	long length;

	if (!record)
		return -1;
	length = bpf_probe_read_user_str(record->text, sizeof(record->text), address);
	if (length < 0) {
		bpf_printk("${syscall}: no text at %lx", (unsigned long)address);
		return -1;
	}
	record->length = length;
	return 0;
}

SEC("tp/syscalls/sys_enter_${syscall}")
int ${name}_arguments(struct trace_event_raw_sys_enter *ctx)
{
	struct ${name}_record *record;
	__u32 zero = 0;

	record = bpf_map_lookup_elem(&${name}_records, &zero);
	if (!record)
		return 0;
	record->pid = bpf_get_current_pid_tgid() >> 32;
	for (int i = 0; i < 6; i++)
		bpf_probe_read(&record->words[i], sizeof(record->words[i]), &ctx->args[i]);
	return read_${name}_text(record, (const void *)record->words[1]);
}
`;
}

/** @param {Subject} subject */
function walkParents({ name, kernel, object }) {
  return `/* Which ancestors stand behind a ${kernel}(). */
struct ${name}_family {
	int pids[8];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct ${name}_family);
} ${name}_families SEC(".maps");

SEC("kprobe/${kernel}")
int BPF_KPROBE(${name}_ancestors, ${object})
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	__u64 id = bpf_get_current_pid_tgid();
	struct ${name}_family family = {};
	int pid;

	#pragma unroll
	for (int depth = 0; depth < 8; depth++) {
		pid = BPF_CORE_READ(task, tgid);
		family.pids[depth] = pid;
		if (pid <= 1)
			break;
		task = BPF_CORE_READ(task, real_parent);
	}
	bpf_map_update_elem(&${name}_families, &id, &family, BPF_ANY);
	return 0;
}
`;
}

/** A small network program, which needs no kernel types. @param {number} variant */
function packetFilter(variant) {
  const port = [53, 80, 443][variant % 3];
  return `// Generated for the benchmark: small program ${variant}.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} packets SEC(".maps");

static __always_inline int is_for_port(void *data, void *end)
{
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);

	if ((void *)(udp + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP))
		return 0;
	return ip->protocol == IPPROTO_UDP && udp->dest == bpf_htons(${port});
}

SEC("xdp")
int count_port_${port}(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	__u32 key = is_for_port(data, end);
	__u64 *count;

	count = bpf_map_lookup_elem(&packets, &key);
	if (count)
		(*count)++;
	return XDP_PASS;
}

${LICENCE}`;
}
