/* Filters of tc on clsact: made, and taken away again one by one, since others may have theirs there. */
#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "hold.h"

/* libbpf wants every byte that it does not know to be zero, those between the fields too. */
static void hook_of(const struct filter *filter, struct bpf_tc_hook *hook)
{
	memset(hook, 0, sizeof(*hook));
	hook->sz = sizeof(*hook);
	hook->ifindex = filter->interface;
	hook->attach_point = filter->egress ? BPF_TC_EGRESS : BPF_TC_INGRESS;
}

static void options_of(const struct filter *filter, struct bpf_tc_opts *options)
{
	memset(options, 0, sizeof(*options));
	options->sz = sizeof(*options);
	options->handle = filter->handle;
	options->priority = filter->priority;
}

/* How many filters of whatever kind hang there; -1 where the kernel does not say. */
static int count_filters(int interface, uint32_t parent)
{
	struct {
		struct nlmsghdr header;
		struct tcmsg message;
	} request = {
		.header = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = RTM_GETTFILTER,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
		.message = { .tcm_family = AF_UNSPEC, .tcm_ifindex = interface, .tcm_parent = parent },
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	char answer[1 << 15] __attribute__((aligned(8)));
	int count = 0;

	if (fd < 0 || send(fd, &request, sizeof(request), 0) < 0)
		count = -1;
	while (count >= 0) {
		int length = recv(fd, answer, sizeof(answer), 0);
		struct nlmsghdr *header = (struct nlmsghdr *)answer;

		if (length <= 0) {
			count = -1;
			break;
		}
		for (; length > 0 && NLMSG_OK(header, (unsigned int)length); header = NLMSG_NEXT(header, length)) {
			if (header->nlmsg_type == NLMSG_DONE)
				goto done;
			if (header->nlmsg_type == NLMSG_ERROR) {
				count = -1;
				goto done;
			}
			if (header->nlmsg_type == RTM_NEWTFILTER && ((struct tcmsg *)NLMSG_DATA(header))->tcm_handle)
				count++;
		}
	}
done:
	if (fd >= 0)
		close(fd);
	return count;
}

/* Only what we made, and only when nobody has put anything into it since. */
static void remove_qdisc(const struct filter *filter)
{
	struct bpf_tc_hook hook;

	if (!filter->made_qdisc || count_filters(filter->interface, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)) != 0 ||
	    count_filters(filter->interface, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS)) != 0)
		return;
	hook_of(filter, &hook);
	hook.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS;
	bpf_tc_hook_destroy(&hook);
}

int filter_attach(struct filter *filter, int program)
{
	struct bpf_tc_opts options;
	struct bpf_tc_hook hook;
	int error;

	hook_of(filter, &hook);
	options_of(filter, &options);
	options.prog_fd = program;
	error = -bpf_tc_hook_create(&hook);
	if (error && error != EEXIST)
		return error;
	filter->made_qdisc = !error;
	error = -bpf_tc_attach(&hook, &options);
	if (error) {
		remove_qdisc(filter);
		return error;
	}
	filter->handle = options.handle;
	filter->priority = options.priority;
	filter->program = options.prog_id;
	return 0;
}

int filter_detach(const struct filter *filter)
{
	struct bpf_tc_opts there, options;
	struct bpf_tc_hook hook;
	int error;

	hook_of(filter, &hook);
	options_of(filter, &there);
	options_of(filter, &options);
	error = -bpf_tc_query(&hook, &there);
	/* Gone, with its interface too; or somebody else's by now. */
	if (error == ENOENT || error == ENODEV || error == EINVAL || (!error && there.prog_id != filter->program))
		error = 0;
	else if (!error)
		error = -bpf_tc_detach(&hook, &options);
	if (!error)
		remove_qdisc(filter);
	return error;
}
