/** Parts: programs on a group of things: a cgroup, a network namespace, the sockets of a map. */

import type { MapDescription, ProgramDescription } from "../../analysis/describe.ts";
import { linkBy, type Part } from "./part.ts";

const OF_CGROUPS = /^BPF_PROG_TYPE_(?:CGROUP_(?:SKB|SOCK|SOCK_ADDR|SOCKOPT|SYSCTL|DEVICE)|SOCK_OPS)$/;

export function isOfCgroup({ progType, attachType }: ProgramDescription): boolean {
  return OF_CGROUPS.test(progType ?? "") || attachType === "BPF_LSM_CGROUP";
}

export function cgroups(programs: readonly ProgramDescription[]): Part | undefined {
  const attached = programs.filter(isOfCgroup);
  if (attached.length === 0) return undefined;
  return {
    includes: ["<fcntl.h>", "<unistd.h>"],
    options: [
      {
        name: "cgroup",
        short: "c",
        argument: "FOLDER",
        help: "the cgroup to work on, such as /sys/fs/cgroup/my-group",
        take: [
          `if (cgroup >= 0)
	close(cgroup);
cgroup = open(optarg, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
if (cgroup < 0) {
	fprintf(stderr, "The cgroup %s cannot be opened: %s.\\n", optarg, strerror(errno));
	return -EINVAL;
}`,
        ],
        missing: { when: "cgroup < 0", text: "Give the cgroup to work on: --cgroup FOLDER" },
      },
    ],
    declarations: ["/* The folder of the cgroup whose tasks the programs see. */\nstatic int cgroup = -1;"],
    attach: attached.map((program) =>
      linkBy(program, `bpf_program__attach_cgroup(skel->progs.${program.name}, cgroup)`, "to the cgroup"),
    ),
    detach: ["if (cgroup >= 0)\n\tclose(cgroup);"],
    advice: [
      {
        when: "err == -EBADF || err == -EINVAL",
        text: "The folder must be one of cgroup version 2: mount -t cgroup2 shows where these are.",
      },
    ],
  };
}

export function namespaces(programs: readonly ProgramDescription[]): Part | undefined {
  const attached = programs.filter(({ progType }) =>
    /^BPF_PROG_TYPE_(?:SK_LOOKUP|FLOW_DISSECTOR)$/.test(progType ?? ""),
  );
  if (attached.length === 0) return undefined;
  return {
    includes: ["<fcntl.h>", "<unistd.h>"],
    options: [
      {
        name: "netns",
        short: "n",
        argument: "FILE",
        help: "the network namespace to work on, such as /run/netns/NAME; this one when left out",
        take: ["netns = optarg;"],
      },
    ],
    declarations: [
      `/* The network namespace whose packets the programs see. */
static const char *netns = "/proc/self/ns/net";
static int netns_fd = -1;`,
    ],
    attach: [
      `netns_fd = open(netns, O_RDONLY | O_CLOEXEC);
if (netns_fd < 0)
	return fail("the network namespace cannot be opened", -errno);`,
      ...attached.map((program) =>
        linkBy(program, `bpf_program__attach_netns(skel->progs.${program.name}, netns_fd)`, "to the network namespace"),
      ),
    ],
    detach: ["if (netns_fd >= 0)\n\tclose(netns_fd);"],
  };
}

export function socketMaps(programs: readonly ProgramDescription[], maps: readonly MapDescription[]): Part | undefined {
  const attached = programs.filter(({ progType }) => /^BPF_PROG_TYPE_SK_(?:MSG|SKB)$/.test(progType ?? ""));
  const map = maps.find(({ type }) => type === "BPF_MAP_TYPE_SOCKMAP" || type === "BPF_MAP_TYPE_SOCKHASH");
  if (attached.length === 0) return undefined;
  if (map === undefined) {
    const names = attached.map(({ name }) => name).join(", ");
    return { notes: [`There is no map of sockets that ${names} could be attached to.`] };
  }
  const { name: sockets } = map;
  return {
    attach: attached.map(
      ({
        name,
        attachType,
        section,
      }) => `err = bpf_prog_attach(bpf_program__fd(skel->progs.${name}), bpf_map__fd(skel->maps.${sockets}),
		      ${attachPoint(attachType, section)}, 0);
if (err)
	return fail("${name} cannot be attached to the map ${sockets}", -errno);`,
    ),
    detach: attached.map(
      ({ name, attachType, section }) =>
        `if (skel)
	bpf_prog_detach2(bpf_program__fd(skel->progs.${name}), bpf_map__fd(skel->maps.${sockets}), ${attachPoint(attachType, section)});`,
    ),
    notes: [`The programs see the sockets in the map ${sockets}: put yours there with bpf_map_update_elem().`],
  };
}

function attachPoint(attachType: string | null, section: string | null): string {
  if (attachType !== null) return attachType;
  return section?.startsWith("sk_msg") === true ? "BPF_SK_MSG_VERDICT" : "BPF_SK_SKB_STREAM_VERDICT";
}
