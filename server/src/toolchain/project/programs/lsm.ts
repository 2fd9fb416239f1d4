/** A project on a security hook: programs that anybody may overwrite are not run. */

import type { Kind } from "./kind.ts";

export const lsm: Kind = {
  id: "lsm",
  title: "Security hook (LSM)",
  does: "reports programs that are started although every user may overwrite them, and could refuse them",
  since: "5.8",
  provoke: "cp /bin/true /tmp/open && chmod 777 /tmp/open && /tmp/open",
  includes: ["bpf/bpf_tracing.h"],
  programs: [{ name: "on_exec", hook: { to: "lsm" } }],
  output: {
    shape: "events",
    columns: [
      { field: "pid", title: "PID", as: "u32", width: 8 },
      { field: "uid", title: "UID", as: "u32", width: 8 },
      { field: "comm", title: "COMMAND", as: "text", width: 16 },
      { field: "path", title: "PATH", as: "text", width: 0 },
    ],
  },
  header: `#define COMM_LEN 16
#define PATH_LEN 128

/* A program that everybody may write to is about to be run. */
struct event {
	__u32 pid;
	__u32 uid;
	char comm[COMM_LEN];
	char path[PATH_LEN];
};`,
  source: `/* vmlinux.h has types, and no macros. */
#define S_IWOTH 0002
#define EPERM 1

/* -EPERM refuses what is only reported now. A number that cannot change is one that the verifier knows. */
const volatile int answer = 0;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} events SEC(".maps");

static __always_inline void report(struct linux_binprm *bprm)
{
	struct event *event;

	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	/* The buffer is full because it is read too slowly: this event is lost. */
	if (!event)
		return;

	event->pid = bpf_get_current_pid_tgid() >> 32;
	event->uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	bpf_probe_read_kernel_str(event->path, sizeof(event->path), bprm->filename);
	bpf_ringbuf_submit(event, 0);
}

/* 0 allows, an error below zero refuses. */
SEC("lsm/bprm_check_security")
int BPF_PROG(on_exec, struct linux_binprm *bprm, int ret)
{
	/* What an earlier program has refused stays refused. */
	if (ret)
		return ret;
	if (!(bprm->file->f_inode->i_mode & S_IWOTH))
		return 0;

	report(bprm);
	return answer;
}`,
};
