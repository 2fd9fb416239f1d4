/* Attaching by words: "auto", "xdp:eth0:native", "tc:eth0:ingress", "cgroup:/sys/fs/cgroup/mine". */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/perf_event.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include "hold.h"

#ifndef SO_ATTACH_BPF
#define SO_ATTACH_BPF 50
#endif

/* Newer than many a header: the kernel's numbers for these. */
#define TCX_INGRESS 46
#define TCX_EGRESS 47
#define NETKIT_PRIMARY 54
#define NETKIT_PEER 55

static char reason[512];

const char *why(void)
{
	return reason;
}

int refuse(int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	return error;
}

/* "eth0:native" in two; an empty second part where there is none. */
static const char *cut(char *place, bool at_last)
{
	char *colon = at_last ? strrchr(place, ':') : strchr(place, ':');

	if (!colon)
		return "";
	*colon = 0;
	return colon + 1;
}

static int keep(struct attachment *made, struct bpf_link *link)
{
	struct bpf_link **links;

	if (!link)
		return errno ?: EINVAL;
	links = realloc(made->links, (made->link_count + 1) * sizeof(*links));
	if (!links) {
		bpf_link__destroy(link);
		return ENOMEM;
	}
	made->links = links;
	links[made->link_count++] = link;
	return 0;
}

/* Only what stands in one network at a time has a name there. */
static int interface_of(const char *name, int *index)
{
	*index = if_nametoindex(name);
	return *index ? 0 : refuse(ENODEV, "there is no interface \"%s\"", name);
}

/* A link that libbpf of this version may know nothing of. */
static int raw_link(struct attachment *made, struct bpf_program *program, int target, int type, uint32_t flags)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = flags);

	made->fd = bpf_link_create(bpf_program__fd(program), target, type, flags ? &options : NULL);
	return made->fd < 0 ? errno : 0;
}

static int on_xdp(struct attachment *made, struct bpf_program *program, char *place)
{
	const char *mode = cut(place, false);
	uint32_t flags = 0;
	int error, index;

	if (!strcmp(mode, "generic"))
		flags = XDP_FLAGS_SKB_MODE;
	else if (!strcmp(mode, "native"))
		flags = XDP_FLAGS_DRV_MODE;
	else if (*mode)
		return refuse(EINVAL, "XDP runs generic or native, not \"%s\"", mode);
	error = interface_of(place, &index);
	return error ?: raw_link(made, program, index, BPF_XDP, flags);
}

static int two_ways(const char *word, const char *first, const char *second, bool *is_second)
{
	*is_second = !strcmp(word, second);
	if (*is_second || !strcmp(word, first))
		return 0;
	return refuse(EINVAL, "say %s or %s behind the interface, not \"%s\"", first, second, word);
}

static int on_tc(struct attachment *made, struct bpf_program *program, char *place)
{
	int error = two_ways(cut(place, false), "ingress", "egress", &made->filter.egress);

	error = error ?: interface_of(place, &made->filter.interface);
	if (error)
		return error;
	made->kind = KIND_FILTER;
	return filter_attach(&made->filter, bpf_program__fd(program));
}

static int on_tcx(struct attachment *made, struct bpf_program *program, char *place)
{
	int error, index;
	bool egress;

	error = two_ways(cut(place, false), "ingress", "egress", &egress);
	error = error ?: interface_of(place, &index);
	return error ?: raw_link(made, program, index, egress ? TCX_EGRESS : TCX_INGRESS, 0);
}

static int on_netkit(struct attachment *made, struct bpf_program *program, char *place)
{
	int error, index;
	bool peer;

	error = two_ways(cut(place, false), "primary", "peer", &peer);
	error = error ?: interface_of(place, &index);
	return error ?: raw_link(made, program, index, peer ? NETKIT_PEER : NETKIT_PRIMARY, 0);
}

static int on_cgroup(struct attachment *made, struct bpf_program *program, char *place)
{
	int fd = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error;

	if (fd < 0)
		return refuse(errno, "the cgroup %s cannot be opened: %s", place, strerror(errno));
	error = keep(made, bpf_program__attach_cgroup(program, fd));
	close(fd);
	return error;
}

static int on_netns(struct attachment *made, struct bpf_program *program, char *place)
{
	const char *path = *place ? place : "/proc/self/ns/net";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int error;

	if (fd < 0)
		return refuse(errno, "the network namespace %s cannot be opened: %s", path, strerror(errno));
	error = keep(made, bpf_program__attach_netns(program, fd));
	close(fd);
	return error;
}

static int on_tracepoint(struct attachment *made, struct bpf_program *program, char *place)
{
	const char *name = cut(place, false);

	return keep(made, bpf_program__attach_tracepoint(program, place, name));
}

static int on_raw_tracepoint(struct attachment *made, struct bpf_program *program, char *place)
{
	return keep(made, bpf_program__attach_raw_tracepoint(program, place));
}

static int on_kprobe(struct attachment *made, struct bpf_program *program, char *place)
{
	return keep(made, bpf_program__attach_kprobe(program, false, place));
}

static int on_kretprobe(struct attachment *made, struct bpf_program *program, char *place)
{
	return keep(made, bpf_program__attach_kprobe(program, true, place));
}

static int on_user_function(struct attachment *made, struct bpf_program *program, char *place, bool at_return)
{
	const char *function = cut(place, true);
	LIBBPF_OPTS(bpf_uprobe_opts, options, .func_name = function, .retprobe = at_return);

	if (!*function)
		return refuse(EINVAL, "say which function, as in uprobe:/usr/bin/bash:readline");
	return keep(made, bpf_program__attach_uprobe_opts(program, -1, place, 0, &options));
}

static int on_uprobe(struct attachment *made, struct bpf_program *program, char *place)
{
	return on_user_function(made, program, place, false);
}

static int on_uretprobe(struct attachment *made, struct bpf_program *program, char *place)
{
	return on_user_function(made, program, place, true);
}

/* So many times a second on every processor that is there. */
static int on_perf_event(struct attachment *made, struct bpf_program *program, char *place)
{
	struct perf_event_attr attributes = {
		.size = sizeof(attributes),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.freq = 1,
		.sample_freq = *place ? strtoul(place, NULL, 10) : 99,
	};
	int processors = libbpf_num_possible_cpus(), error = ENODEV, i;

	if (!attributes.sample_freq)
		return refuse(EINVAL, "\"%s\" is no number of samples a second", place);
	for (i = 0; i < processors; i++) {
		int fd = syscall(SYS_perf_event_open, &attributes, -1, i, -1, PERF_FLAG_FD_CLOEXEC);

		/* A processor that is switched off. */
		if (fd < 0 && errno == ENODEV)
			continue;
		if (fd < 0)
			return errno;
		error = keep(made, bpf_program__attach_perf_event(program, fd));
		if (error) {
			close(fd);
			return error;
		}
	}
	return error;
}

static int on_socket(struct attachment *made, struct bpf_program *program, char *place)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int error = interface_of(place, &address.sll_ifindex), fd = bpf_program__fd(program);

	if (error)
		return error;
	made->kind = KIND_SOCKET;
	made->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL));
	if (made->fd < 0 || bind(made->fd, (struct sockaddr *)&address, sizeof(address)) ||
	    setsockopt(made->fd, SOL_SOCKET, SO_ATTACH_BPF, &fd, sizeof(fd)))
		return errno;
	return 0;
}

static int on_iter(struct attachment *made, struct bpf_program *program, char *place)
{
	(void)place;
	return keep(made, bpf_program__attach_iter(program, NULL));
}

static int by_its_section(struct attachment *made, struct bpf_program *program, char *place)
{
	(void)place;
	return keep(made, bpf_program__attach(program));
}

static const struct {
	const char *word;
	int (*attach)(struct attachment *made, struct bpf_program *program, char *place);
} ways[] = {
	{ "auto", by_its_section },
	{ "cgroup", on_cgroup },
	{ "iter", on_iter },
	{ "kprobe", on_kprobe },
	{ "kretprobe", on_kretprobe },
	{ "netkit", on_netkit },
	{ "netns", on_netns },
	{ "perf_event", on_perf_event },
	{ "raw_tracepoint", on_raw_tracepoint },
	{ "socket", on_socket },
	{ "tc", on_tc },
	{ "tcx", on_tcx },
	{ "tracepoint", on_tracepoint },
	{ "uprobe", on_uprobe },
	{ "uretprobe", on_uretprobe },
	{ "xdp", on_xdp },
};

static int attach_program(struct attachment *made, struct bpf_program *program, const char *to)
{
	char word[4096];
	const char *place;
	size_t i;

	if (bpf_program__fd(program) < 0)
		return refuse(ENOENT, "the program %s is not loaded", made->name);
	snprintf(word, sizeof(word), "%s", to);
	place = cut(word, false);
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (!strcmp(ways[i].word, word))
			return ways[i].attach(made, program, (char *)place);
	return refuse(EINVAL, "there is no way to attach called \"%s\"", word);
}

/* A map of programs for sockets: who has the map has what is in it, so that it goes with the map. */
static int on_sockmap(struct attachment *made, struct bpf_object *object, struct bpf_program *program, const char *name)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);

	if (!map)
		return refuse(ENOENT, "there is no map %s in this object", name);
	made->kind = KIND_SOCKMAP;
	return bpf_prog_attach(bpf_program__fd(program), bpf_map__fd(map), bpf_program__expected_attach_type(program), 0) ?
		errno : 0;
}

static int attach_named(struct attachment *made, struct bpf_object *object)
{
	struct bpf_program *program = bpf_object__find_program_by_name(object, made->name);
	struct bpf_map *map = bpf_object__find_map_by_name(object, made->name);

	if (program && !strncmp(made->to, "sockmap:", 8))
		return on_sockmap(made, object, program, made->to + 8);
	if (program)
		return attach_program(made, program, made->to);
	if (!map || bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS)
		return refuse(ENOENT, "there is no program %s in this object", made->name);
	made->kind = KIND_STRUCT_OPS;
	return keep(made, bpf_map__attach_struct_ops(map));
}

int attach(struct bpf_object *object, const char *name, const char *to, struct attachment **result)
{
	struct attachment *made = calloc(1, sizeof(*made));
	int error;

	reason[0] = 0;
	*result = NULL;
	if (!made)
		return ENOMEM;
	made->fd = -1;
	made->name = strdup(name);
	made->to = strdup(to);
	error = made->name && made->to ? attach_named(made, object) : ENOMEM;
	if (error) {
		/* Nothing hangs on a filter that was not made. */
		made->kind = KIND_LINK;
		detach(made);
		return error;
	}
	*result = made;
	return 0;
}

uint32_t attachment_id(const struct attachment *made)
{
	struct bpf_link_info info = {};
	uint32_t size = sizeof(info);
	int fd = made->link_count > 0 ? bpf_link__fd(made->links[0]) : made->kind == KIND_LINK ? made->fd : -1;

	return fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &size) ? info.id : 0;
}

int detach(struct attachment *made)
{
	int error = 0, i;

	for (i = 0; i < made->link_count; i++)
		error = -bpf_link__destroy(made->links[i]) ?: error;
	if (made->fd >= 0)
		close(made->fd);
	if (made->kind == KIND_FILTER)
		error = filter_detach(&made->filter);
	free(made->links);
	free(made->name);
	free(made->to);
	free(made);
	return error;
}
