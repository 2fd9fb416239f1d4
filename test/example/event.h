/* What execwatch.bpf.c sends to user space for every execve(). */
#ifndef EVENT_H
#define EVENT_H

#include <linux/types.h>

#define COMM_LEN 16
#define PATH_LEN 128
#define ARG_LEN 64

struct exec_event {
	__u32 pid;
	__u32 uid;
	char comm[COMM_LEN];
	char path[PATH_LEN];
	char first_arg[ARG_LEN];
};

#endif
