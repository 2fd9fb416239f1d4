/* Loading to stay: what is loaded, where it is pinned, what it is attached to. */
#ifndef HOLD_H
#define HOLD_H

#include <bpf/libbpf.h>
#include "agent.h"

#define BPFFS "/sys/fs/bpf"
#define OURS BPFFS "/hookpoint"

/* Where what was attached is written down: the target of a symbolic link, which bpffs takes to be any text. */
enum kind { KIND_LINK, KIND_FILTER, KIND_STRUCT_OPS, KIND_SOCKMAP, KIND_SOCKET, KIND_PIN, KIND_COUNT };

/* A filter of tc: the kernel knows it by these, and it outlives whoever made it. */
struct filter {
	int interface;
	bool egress;
	uint32_t handle;
	uint32_t priority;
	uint32_t program;
	/* Whether the qdisc that holds it is of our making. */
	bool made_qdisc;
};

struct attachment {
	struct attachment *next;
	enum kind kind;
	int number;
	/* Of a program, or of the map of a struct_ops. */
	char *name;
	/* As it was asked for: "xdp:lo". */
	char *to;
	struct bpf_link **links;
	int link_count;
	/* A link without libbpf, a socket; -1 where there is none. */
	int fd;
	struct filter filter;
};

/* attach.c: 0, or an errno; what we know of the reason is in why(). */
int attach(struct bpf_object *object, const char *name, const char *to, struct attachment **made);
uint32_t attachment_id(const struct attachment *attachment);
int detach(struct attachment *attachment);
const char *why(void);
int refuse(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* tc.c */
int filter_attach(struct filter *filter, int program);
int filter_detach(const struct filter *filter);

/* folder.c: our folder in bpffs. Texts that are given back stay until the next call. */
bool folder_possible(void);
bool folder_is_ours(void);
bool folder_is_there(const char *name);
int folder_make(const char *name, const char *object);
int folder_pin(const char *name, const char *kind, const char *what, int fd, char *path, size_t size);
int folder_record(const char *name, const struct attachment *attachment);
int folder_forget(const char *name, int number);
int folder_stays(const char *name);
/* The process that holds it: 0 where none is alive, and none is needed. */
int folder_holder(const char *name, bool *stays);
/* Takes back what is written down there and removes it; the number of things that could not be taken back. */
int folder_remove(const char *name);
unsigned long network_namespace(void);

/* Record as it is read back. */
struct record {
	enum kind kind;
	unsigned long network;
	struct filter filter;
	char name[256];
	char to[4096];
};
bool folder_read_record(const char *name, const char *number, struct record *record);
void folder_path(char *path, size_t size, const char *name, const char *kind, const char *what);

/* hold.c, loaded.c, run.c: commands. */
int hold(const struct options *options);
int loaded(const struct options *options);
int unload(const struct options *options);
int run(const struct options *options);

#endif
