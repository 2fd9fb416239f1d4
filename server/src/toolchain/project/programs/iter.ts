/** A project on an iterator: a list of the processes, written by the kernel. */

import type { Kind } from "./kind.ts";

export const iter: Kind = {
  id: "iter",
  title: "Iterator (over tasks)",
  does: "lists the processes with their parents and numbers of threads, and ends",
  since: "5.8",
  includes: ["bpf/bpf_tracing.h"],
  programs: [{ name: "list_task", hook: { to: "iterator" } }],
  output: { shape: "text" },
  header: "#define COMM_LEN 16",
  source: String.raw`/* Runs once for every task when the iterator is read. */
SEC("iter/task")
int list_task(struct bpf_iter__task *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct task_struct *task = ctx->task;

	/* The last call, behind the last task. */
	if (!task)
		return 0;

	/* Threads are tasks, too: only the first of each process counts. */
	if (task->pid != task->tgid)
		return 0;

	if (ctx->meta->seq_num == 0)
		BPF_SEQ_PRINTF(seq, "PID      PARENT   THREADS  COMMAND\n");
	BPF_SEQ_PRINTF(seq, "%-8d %-8d %-8d %s\n", task->tgid, task->real_parent->tgid, task->signal->nr_threads,
		       task->comm);
	return 0;
}`,
};
