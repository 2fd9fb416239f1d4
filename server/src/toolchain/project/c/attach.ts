/** How the C program attaches what it has loaded. */

import type { Hook, Kind, ProgramPart } from "../programs/kind.ts";
import { identifier, type Wish } from "../shared.ts";
import type { CPart } from "./loader.ts";

const NOTHING: CPart = { includes: [], functions: [], locals: [], statements: [], end: [] };

export function attachInC(wish: Wish): CPart {
  const { kind } = wish;
  const hooks = new Set(kind.programs.map(({ hook }) => hook.to));
  if (hooks.has("interface")) return toInterface(kind);
  if (hooks.has("tc")) return toTrafficControl(kind);
  if (hooks.has("cgroup")) return toCgroup(kind);
  if (hooks.has("cpus")) return toCpus(kind);
  return bySection(wish);
}

/** The section says where. */
function bySection({ name, kind }: Wish): CPart {
  const hints = [...new Set(kind.programs.map(({ hook }) => HINTS[hook.to]))].filter((hint) => hint !== undefined);
  const failed = [
    'fail("the programs could not be attached", err);',
    ...hints.map(({ when, text }) => `if (${when})\n\tfprintf(stderr, "${text}\\n");`),
    "goto end;",
  ];
  return {
    ...NOTHING,
    statements: [`err = ${identifier(name)}_bpf__attach(skel);\nif (err) {\n${indent(failed)}\n}\n`],
  };
}

const HINTS: Partial<Record<Hook["to"], { readonly when: string; readonly text: string }>> = {
  tracepoint: {
    when: "err == -ENOENT",
    text: "Is tracefs mounted? As root: mount -t tracefs tracefs /sys/kernel/tracing",
  },
  kprobe: { when: "err == -ENOENT", text: "This kernel has no such function, or no kprobes." },
};

function toInterface({ programs }: Kind): CPart {
  return {
    ...NOTHING,
    includes: ["net/if.h"],
    locals: ["unsigned int ifindex;"],
    statements: programs.map(
      ({ name }) => `skel->links.${name} = bpf_program__attach_xdp(skel->progs.${name}, ifindex);
${checkedLink(name)}`,
    ),
  };
}

/** Traffic control has no links before Linux 6.6: what is attached stays until it is detached. */
function toTrafficControl({ programs }: Kind): CPart {
  const attach = (
    program: ProgramPart,
  ): string => `err = attach(skel->progs.${program.name}, ifindex, ${point(program)});
if (err)
	goto end;
attached++;`;
  return {
    includes: ["net/if.h"],
    functions: [TC_FUNCTIONS],
    locals: ["unsigned int ifindex;", "int attached = 0;"],
    statements: [`err = prepare(ifindex);\nif (err)\n\tgoto end;\n${programs.map(attach).join("\n")}\n`],
    // What another has attached there stays.
    end: programs.map((program, i) => `if (attached > ${i})\n\tdetach(ifindex, ${point(program)});`),
  };
}

function point({ hook }: ProgramPart): string {
  return hook.to === "tc" && hook.direction === "egress" ? "BPF_TC_EGRESS" : "BPF_TC_INGRESS";
}

const TC_FUNCTIONS = `/* Ours among the filters of the interface. */
#define HANDLE 1
#define PRIORITY 1

/* The queueing discipline of both directions. It stays: by the end another program may use it, too. */
static int prepare(unsigned int ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	int err = bpf_tc_hook_create(&hook);

	return err && err != -EEXIST ? fail("the queueing discipline clsact could not be made", err) : 0;
}

static int attach(const struct bpf_program *program, unsigned int ifindex, enum bpf_tc_attach_point point)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = point);
	LIBBPF_OPTS(bpf_tc_opts, options, .handle = HANDLE, .priority = PRIORITY,
		    .prog_fd = bpf_program__fd(program));
	int err = bpf_tc_attach(&hook, &options);

	return err ? fail("the program could not be attached", err) : 0;
}

static void detach(unsigned int ifindex, enum bpf_tc_attach_point point)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = point);
	LIBBPF_OPTS(bpf_tc_opts, options, .handle = HANDLE, .priority = PRIORITY);

	bpf_tc_detach(&hook, &options);
}`;

function toCgroup({ programs }: Kind): CPart {
  return {
    ...NOTHING,
    includes: ["fcntl.h", "unistd.h"],
    locals: ["int cgroup;"],
    statements: programs.map(
      ({ name }) => `skel->links.${name} = bpf_program__attach_cgroup(skel->progs.${name}, cgroup);
${checkedLink(name)}`,
    ),
    end: ["close(cgroup);"],
  };
}

/** A perf event belongs to one CPU. */
function toCpus({ programs }: Kind): CPart {
  const [program] = programs;
  const name = program?.name ?? "";
  return {
    includes: ["linux/perf_event.h", "stdlib.h", "sys/syscall.h", "unistd.h"],
    functions: [CPU_FUNCTION],
    locals: ["struct bpf_link **links;", "int cpus = libbpf_num_possible_cpus();"],
    statements: [
      `err = -ENOMEM;
links = calloc(cpus, sizeof(*links));
if (!links)
	goto end;
for (int cpu = 0; cpu < cpus; cpu++) {
	links[cpu] = attach(skel->progs.${name}, cpu);
	/* A CPU that is switched off has nothing to sample. */
	if (!links[cpu] && errno != ENODEV) {
		err = fail("the CPUs could not be sampled", -errno);
		goto end;
	}
}
`,
    ],
    end: ["for (int cpu = 0; links && cpu < cpus; cpu++)\n\tbpf_link__destroy(links[cpu]);\nfree(links);"],
  };
}

const CPU_FUNCTION = `static struct bpf_link *attach(const struct bpf_program *program, int cpu)
{
	struct perf_event_attr sampling = {
		.size = sizeof(sampling),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_CPU_CLOCK,
		/* Not 100, which would run in step with timers of the kernel. */
		.sample_freq = 99,
		.freq = 1,
	};
	int event = syscall(SYS_perf_event_open, &sampling, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	struct bpf_link *link;
	int err;

	if (event < 0)
		return NULL;
	link = bpf_program__attach_perf_event(program, event);
	if (link)
		return link;
	err = errno;
	close(event);
	errno = err;
	return NULL;
}`;

function checkedLink(name: string): string {
  return `if (!skel->links.${name}) {
	err = fail("the program could not be attached", -errno);
	goto end;
}
`;
}

function indent(blocks: readonly string[]): string {
  return blocks
    .flatMap((block) => block.split("\n"))
    .map((line) => `\t${line}`)
    .join("\n");
}
