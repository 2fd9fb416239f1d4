/** Parts: programs that are run from here, that register themselves, or that only a word can be said about. */

import type { GlobalDescription, ProgramDescription } from "../../analysis/describe.ts";
import { linkBy, type Part } from "./part.ts";

export function systemCalls(programs: readonly ProgramDescription[]): Part | undefined {
  const run = programs.filter(({ progType }) => progType === "BPF_PROG_TYPE_SYSCALL");
  if (run.length === 0) return undefined;
  return {
    attach: run.map(
      ({ name }) => `/* It runs here and now; a context to hand over would be .ctx_in and .ctx_size_in. */
struct bpf_test_run_opts ${name}_run = { .sz = sizeof(${name}_run) };

err = bpf_prog_test_run_opts(bpf_program__fd(skel->progs.${name}), &${name}_run);
if (err)
	return fail("${name} cannot be run", err);
printf("${name} returned %d\\n", (int)${name}_run.retval);`,
    ),
    once: true,
  };
}

/** Structures of operations: libbpf's skeletons attach them since 1.5, and before that nobody does, so that it is done by hand. */
export function structOps(globals: readonly GlobalDescription[]): Part | undefined {
  const maps = globals.filter(({ section }) => /^\??\.struct_ops(?:\.link)?$/.test(section ?? ""));
  if (maps.length === 0) return undefined;
  return {
    declarations: maps.map(({ name }) => `static struct bpf_link *${name}_link;`),
    prepare: [
      `#if LIBBPF_MAJOR_VERSION > 1 || LIBBPF_MINOR_VERSION >= 5
/* It is registered below, with every libbpf alike. */
${maps.map(({ name }) => `bpf_map__set_autoattach(skel->maps.${name}, false);`).join("\n")}
#else
(void)skel;
#endif`,
    ],
    attach: maps.map(
      ({ name }) => `${name}_link = bpf_map__attach_struct_ops(skel->maps.${name});
if (!${name}_link)
	return fail("${name} cannot be registered", -errno);`,
    ),
    detach: maps.map(({ name }) => `bpf_link__destroy(${name}_link);`),
    advice: [
      {
        when: "err == -EEXIST || err == -EBUSY",
        text: "One by this name is registered already: bpftool struct_ops list shows it, and bpftool struct_ops unregister name NAME takes it away.",
      },
    ],
  };
}

export function netfilter(programs: readonly ProgramDescription[]): Part | undefined {
  const attached = programs.filter(({ progType }) => progType === "BPF_PROG_TYPE_NETFILTER");
  if (attached.length === 0) return undefined;
  return {
    includes: ["<linux/netfilter.h>"],
    declarations: [
      `#if LIBBPF_MAJOR_VERSION == 1 && LIBBPF_MINOR_VERSION < 3
#error "netfilter programs need libbpf 1.3 or newer"
#endif`,
    ],
    attach: attached.map((program) => {
      const { name } = program;
      return `/* Packets over IPv4 that are for this machine. */
struct bpf_netfilter_opts ${name}_opts = { .sz = sizeof(${name}_opts), .pf = NFPROTO_IPV4, .hooknum = NF_INET_LOCAL_IN };

${linkBy(program, `bpf_program__attach_netfilter(skel->progs.${name}, &${name}_opts)`, "to netfilter")}`;
    }),
  };
}

/** freplace: the program whose function is replaced must run already. */
export function extensions(programs: readonly ProgramDescription[]): Part | undefined {
  const replacing = programs.filter(({ progType }) => progType === "BPF_PROG_TYPE_EXT");
  if (replacing.length === 0) return undefined;
  return {
    options: [
      {
        name: "replace-in",
        argument: "ID",
        help: "the program that has the function to replace: bpftool prog lists them",
        take: [`err = read_number("replace-in", optarg, 1, UINT_MAX, &replaced);`],
        missing: { when: "!replaced", text: "Give the program that has the function to replace: --replace-in ID" },
      },
    ],
    declarations: [
      "/* The number of the running program that has the function to replace. */\nstatic long long replaced;",
    ],
    prepare: replacing.map(
      ({ name, attachTarget }) => `err = bpf_prog_get_fd_by_id(replaced);
if (err < 0)
	return fail("the program to replace a function of cannot be opened", -errno);
err = bpf_program__set_attach_target(skel->progs.${name}, err, "${attachTarget ?? name}");
if (err)
	return fail("${name} cannot be made to replace a function", err);`,
    ),
  };
}

const BY_HAND: Readonly<Record<string, string>> = {
  BPF_PROG_TYPE_SK_REUSEPORT: "give it to the sockets that share a port with setsockopt(SO_ATTACH_REUSEPORT_EBPF)",
  BPF_PROG_TYPE_LWT_IN: "pin it, and attach it to a route with ip route … encap bpf in pinned FILE",
  BPF_PROG_TYPE_LWT_OUT: "pin it, and attach it to a route with ip route … encap bpf out pinned FILE",
  BPF_PROG_TYPE_LWT_XMIT: "pin it, and attach it to a route with ip route … encap bpf xmit pinned FILE",
  BPF_PROG_TYPE_LWT_SEG6LOCAL: "pin it, and attach it to a route with ip route … encap seg6local",
  BPF_PROG_TYPE_LIRC_MODE2: "attach it to a device with bpf_prog_attach() and an open /dev/lirc0",
  BPF_PROG_TYPE_SCHED_ACT: "use it as an action of a filter with tc filter … action bpf",
};

export function byHand(programs: readonly ProgramDescription[]): Part | undefined {
  const notes = programs.flatMap(({ name, progType }) => {
    const how = BY_HAND[progType ?? ""];
    return how === undefined ? [] : [`${name} is loaded, and not attached: ${how.replaceAll("…", "...")}.`];
  });
  return notes.length === 0 ? undefined : { notes };
}
