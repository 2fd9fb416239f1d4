/*
 * What every example in data/notes may rely on. The test puts this text in front of each example and
 * compiles the two as one BPF program; a reader of a note sees only the example.
 * Maps are small on purpose: the examples can be loaded on any machine.
 */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <linux/pkt_cls.h>
#include <linux/version.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>

/* Types that older <linux/bpf.h> lack: the kernel wants them under exactly these names. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
struct bpf_list_head { __u64 opaque[2]; };
struct bpf_list_node { __u64 opaque[3]; };
#endif
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
struct bpf_rb_root { __u64 opaque[2]; };
struct bpf_rb_node { __u64 opaque[4]; };
#endif
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
struct bpf_refcount { __u32 opaque[1]; };
struct bpf_iter_num { __u64 opaque; };
#endif
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
struct bpf_wq { __u64 opaque[2]; };
#endif
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
struct bpf_task_work { __u64 opaque; };
#endif

char LICENSE[] SEC("license") = "GPL";

/* The few fields of a task that examples read. CO-RE finds their real offsets when the program loads. */
struct task_struct {
    int pid;  /* one per thread */
    int tgid; /* one per process */
    char comm[16];
    struct task_struct *real_parent;
} __attribute__((preserve_access_index));

/* What most examples send to user space: 32 bytes, no padding. */
struct event {
    __u64 ts; /* nanoseconds, CLOCK_MONOTONIC */
    __u32 pid;
    __u32 cpu;
    char comm[16];
};

/* A map key with two bytes of padding at its end. */
struct flow {
    __u32 ifindex;
    __u16 proto; /* network byte order */
};

/* A map value that two CPUs may change at the same time. */
struct bucket {
    struct bpf_spin_lock lock;
    __u32 packets;
    __u64 bytes;
};

/* A stack trace too big for the BPF stack. */
struct frames {
    __s64 bytes; /* how much of ip is filled, or a negative error */
    __u64 ip[64];
};

/* The key of the first slot, and a value to start counting from. */
const __u32 zero = 0;

/* Settings that user space fills in before the program loads. */
const volatile __u32 out_ifindex = 1;
const volatile __u64 wanted_cgroup = 1;

/* 64 counters in the program's own data. */
__u64 slots[64];

/* Counters by a small number: a pid, an interface, a stack id. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1024);
    __type(key, __u32);
    __type(value, __u64);
} counts SEC(".maps");

/* Thread id to the time at which something started in that thread. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1024);
    __type(key, __u32);
    __type(value, __u64);
} starts SEC(".maps");

/* Hits by instruction address. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1024);
    __type(key, __u64);
    __type(value, __u64);
} hits SEC(".maps");

/* Packets of a flow. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1024);
    __type(key, struct flow);
    __type(value, __u32);
} flows SEC(".maps");

/* One bucket, guarded by its lock. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct bucket);
} buckets SEC(".maps");

/* One work area for each CPU. */
struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct frames);
} scratch SEC(".maps");

/* Ring buffer: 64 KiB is a whole number of pages on every architecture. */
struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 64 * 1024);
} events SEC(".maps");

/* Perf buffer: libbpf sizes it to the number of CPUs. */
struct {
    __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
    __type(key, __u32);
    __type(value, __u32);
} perf SEC(".maps");

/* Stack traces: up to 127 addresses each. */
struct {
    __uint(type, BPF_MAP_TYPE_STACK_TRACE);
    __uint(max_entries, 64);
    __type(key, __u32);
    __type(value, __u64[127]);
} stacks SEC(".maps");

/* Programs to jump to; user space fills the slots. */
struct {
    __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
    __uint(max_entries, 4);
    __type(key, __u32);
    __type(value, __u32);
} jumps SEC(".maps");

/* Network devices to send frames to; user space fills the slots. */
struct {
    __uint(type, BPF_MAP_TYPE_DEVMAP);
    __uint(max_entries, 8);
    __type(key, __u32);
    __type(value, __u32);
} ports SEC(".maps");
