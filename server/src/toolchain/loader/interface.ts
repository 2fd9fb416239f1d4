/** Parts: programs on a network interface: XDP, traffic control, socket filters. */

import type { ProgramDescription } from "../../analysis/describe.ts";
import { indent, linkBy, type Option, type Part } from "./part.ts";

const INTERFACE: Option = {
  name: "interface",
  short: "i",
  argument: "NAME",
  help: "the network interface to work on",
  take: [
    `interface = if_nametoindex(optarg);
if (!interface) {
	fprintf(stderr, "There is no network interface %s; ip link lists them.\\n", optarg);
	return -EINVAL;
}`,
  ],
  missing: { when: "!interface", text: "Give the network interface to work on: --interface NAME" },
};

const VARIABLE = "/* The number of the network interface. */\nstatic int interface;";
const INCLUDES = ["<net/if.h>"];

export function xdp(programs: readonly ProgramDescription[]): Part | undefined {
  // Those behind devmap and cpumap are put into such a map, by whoever fills it.
  const attached = programs.filter(({ progType, section }) => progType === "BPF_PROG_TYPE_XDP" && isWhole(section));
  const [first, ...more] = attached;
  if (first === undefined) return undefined;
  return {
    includes: INCLUDES,
    options: [INTERFACE],
    declarations: [VARIABLE],
    attach: [linkBy(first, `bpf_program__attach_xdp(skel->progs.${first.name}, interface)`, "to the interface")],
    advice: [
      {
        when: "err == -EBUSY",
        text: "The interface has a program already: ip link shows it, and ip link set dev NAME xdp off takes it away.",
      },
    ],
    notes: more.map(
      ({ name }) =>
        `An interface takes one XDP program, which is ${first.name} here: ${name} is loaded, and not attached.`,
    ),
  };
}

function isWhole(section: string | null): boolean {
  return !/\/(?:devmap|cpumap)$/.test(section ?? "");
}

export function trafficControl(programs: readonly ProgramDescription[]): Part | undefined {
  const attached = programs.filter(
    ({ progType, section }) => progType === "BPF_PROG_TYPE_SCHED_CLS" && !/^\??(?:tcx|netkit)\//.test(section ?? ""),
  );
  if (attached.length === 0) return undefined;
  return {
    includes: INCLUDES,
    options: [INTERFACE],
    declarations: [VARIABLE, ATTACHMENTS.replace("COUNT", String(attached.length)), ATTACH_TC, DETACH_TC],
    attach: attached.map(({ name, section }, i) => {
      const point = /egress/.test(section ?? "") ? "BPF_TC_EGRESS" : "BPF_TC_INGRESS";
      return `err = attach_tc(&attachments[${i}], skel->progs.${name}, ${point});
if (err)
	return fail("${name} cannot be attached to the interface", err);`;
    }),
    detach: ["detach_tc();"],
  };
}

const ATTACHMENTS = `/* Where the programs are attached, which must be undone by hand: the kernel would keep them. */
static struct attachment {
	struct bpf_tc_hook hook;
	struct bpf_tc_opts opts;
} attachments[COUNT];

/* Whether the queue that filters hang on was made by us, and is to go again. */
static bool made_queue;`;

const ATTACH_TC = `static int attach_tc(struct attachment *to, const struct bpf_program *program, enum bpf_tc_attach_point point)
{
	struct bpf_tc_hook hook = { .sz = sizeof(hook), .ifindex = interface, .attach_point = point };
	struct bpf_tc_opts opts = { .sz = sizeof(opts), .prog_fd = bpf_program__fd(program) };
	int err = bpf_tc_hook_create(&hook);

	if (!err)
		made_queue = true;
	else if (err != -EEXIST)
		return err;
	err = bpf_tc_attach(&hook, &opts);
	if (err)
		return err;
	to->hook = hook;
	to->opts = opts;
	return 0;
}`;

const DETACH_TC = `static void detach_tc(void)
{
	struct bpf_tc_hook all = {
		.sz = sizeof(all),
		.ifindex = interface,
		.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS,
	};

	for (size_t i = 0; i < sizeof(attachments) / sizeof(*attachments); i++) {
		struct attachment *from = &attachments[i];

		if (!from->opts.prog_id)
			continue;
		/* It is found by its handle and priority alone. */
		from->opts.prog_fd = from->opts.prog_id = from->opts.flags = 0;
		bpf_tc_detach(&from->hook, &from->opts);
	}
	if (made_queue)
		bpf_tc_hook_destroy(&all);
}`;

/** Attached by a link, as libbpf 1.3 can. */
export function tcx(programs: readonly ProgramDescription[]): Part | undefined {
  const attached = programs.filter(({ section }) => /^\??(?:tcx|netkit)\//.test(section ?? ""));
  if (attached.length === 0) return undefined;
  return {
    includes: INCLUDES,
    options: [INTERFACE],
    declarations: [VARIABLE, NEEDS_LIBBPF_1_3],
    attach: attached.map((program) => {
      const kind = /^\??netkit/.test(program.section ?? "") ? "netkit" : "tcx";
      return linkBy(
        program,
        `bpf_program__attach_${kind}(skel->progs.${program.name}, interface, NULL)`,
        "to the interface",
      );
    }),
  };
}

const NEEDS_LIBBPF_1_3 = `#if LIBBPF_MAJOR_VERSION == 1 && LIBBPF_MINOR_VERSION < 3
#error "tcx programs need libbpf 1.3 or newer"
#endif`;

export function socketFilters(programs: readonly ProgramDescription[]): Part | undefined {
  const attached = programs.filter(({ progType }) => progType === "BPF_PROG_TYPE_SOCKET_FILTER");
  if (attached.length === 0) return undefined;
  const { missing: _, ...optional } = INTERFACE;
  return {
    includes: [
      ...INCLUDES,
      "<sys/socket.h>",
      "<arpa/inet.h>",
      "<linux/if_ether.h>",
      "<linux/if_packet.h>",
      "<unistd.h>",
    ],
    options: [{ ...optional, help: "the network interface to work on; all of them when left out" }],
    declarations: [VARIABLE, ...attached.map(({ name }) => `static int ${name}_socket = -1;`), OPEN_SOCKET],
    attach: attached.map(
      ({ name }) => `${name}_socket = filtered_socket(skel->progs.${name});
if (${name}_socket < 0)
	return fail("${name} cannot be attached to a socket", ${name}_socket);`,
    ),
    detach: attached.flatMap(({ name }) => [`if (${name}_socket >= 0)`, ...indent([`close(${name}_socket);`])]),
    notes: ["What a filter lets through waits in its socket: read it there with recv()."],
  };
}

const OPEN_SOCKET = `/* A socket that sees copies of all packets, and shows the program each. */
static int filtered_socket(const struct bpf_program *program)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = interface,
	};
	int filter = bpf_program__fd(program);
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &filter, sizeof(filter)) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address))) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}`;
