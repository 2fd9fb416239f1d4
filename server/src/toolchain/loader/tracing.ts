/** Parts: programs that watch the kernel and processes, as far as the skeleton cannot attach them by itself. */

import type { MapDescription, ProgramDescription } from "../../analysis/describe.ts";
import { linkBy, type Part } from "./part.ts";

const words = ({ section }: ProgramDescription): string => (section ?? "").replace(/^\?/, "");

/** What libbpf looks up in tracefs. */
export function tracefs(programs: readonly ProgramDescription[]): Part | undefined {
  const kprobes = programs.some((program) => /^k(?:ret)?(?:probe|syscall)\b/.test(words(program)));
  const events = programs.some(({ progType }) => progType === "BPF_PROG_TYPE_TRACEPOINT");
  const users = programs.some((program) => /^(?:u(?:ret)?probe|usdt)\b/.test(words(program)));
  if (!kprobes && !events && !users) return undefined;
  const missing = {
    when: `access("/sys/kernel/tracing/events", F_OK) && access("/sys/kernel/debug/tracing/events", F_OK)`,
    text: "tracefs is not mounted here: mount -t tracefs tracefs /sys/kernel/tracing",
  };
  const text = kprobes
    ? "The kernel has no such function, or it was built without kprobes: look for it in /proc/kallsyms."
    : events
      ? "The kernel has no such tracepoint: /sys/kernel/tracing/available_events lists them."
      : "There is no such file, or no such function or probe in it: readelf -Wsn FILE lists them.";
  return { includes: ["<unistd.h>"], advice: [missing, { when: "err == -ENOENT", text }] };
}

/** Programs that take the place of kernel code, or stand right at its functions. */
export function trampolines(programs: readonly ProgramDescription[]): Part | undefined {
  const some = programs.some((program) => /^(?:fentry|fexit|fmod_ret|lsm|freplace)\b/.test(words(program)));
  if (!some) return undefined;
  return {
    includes: ["<unistd.h>"],
    advice: [
      {
        when: "(err == -EPERM || err == -EINVAL || err == -ENOTSUP) && !geteuid()",
        text: "This kernel refuses fentry, fexit, LSM and freplace programs even to root, or does not know the function.",
      },
    ],
  };
}

const PROBE = /^(u(?:ret)?probe)(?:\.s)?$/;

/** Probes that do not say which function they are for: it is asked for. */
export function bareProbes(programs: readonly ProgramDescription[]): Part | undefined {
  const users = programs.filter((program) => PROBE.test(words(program)) || words(program) === "usdt");
  const kernels = programs.filter((program) => /^k(?:ret)?probe$/.test(words(program)));
  if (users.length === 0 && kernels.length === 0) return undefined;
  return {
    includes: ["<unistd.h>"],
    options: [
      ...(users.length === 0 ? [] : [textOption("binary", "FILE", "the program or library to watch")]),
      textOption(
        "function",
        users.some((p) => words(p) === "usdt") ? "NAME" : "NAME",
        "the function to watch; PROVIDER:NAME for a USDT probe",
      ),
    ],
    declarations: [
      ...(users.length === 0 ? [] : ["/* The program or library to watch. */\nstatic const char *binary;"]),
      "/* The function to watch. */\nstatic const char *function;",
    ],
    attach: [...users.map(userProbe), ...kernels.map(kernelProbe)],
  };
}

function textOption(name: string, argument: string, help: string) {
  const missing = { when: `!${name}`, text: `Give ${help}: --${name} ${argument}` };
  return { name, argument, help, take: [`${name} = optarg;`], missing };
}

function userProbe(program: ProgramDescription): string {
  const { name } = program;
  if (words(program) === "usdt") {
    return `/* PROVIDER:NAME */
char ${name}_provider[64] = "";
const char *${name}_colon = strchr(function, ':');

if (!${name}_colon)
	return fail("--function takes PROVIDER:NAME for ${name}", -EINVAL);
snprintf(${name}_provider, sizeof(${name}_provider), "%.*s", (int)(${name}_colon - function), function);
${linkBy(program, `bpf_program__attach_usdt(skel->progs.${name}, -1, binary, ${name}_provider, ${name}_colon + 1, NULL)`, "to the probe")}`;
  }
  const atReturn = PROBE.exec(words(program))?.[1] === "uretprobe";
  return `struct bpf_uprobe_opts ${name}_opts = { .sz = sizeof(${name}_opts), .func_name = function, .retprobe = ${atReturn} };

${linkBy(program, `bpf_program__attach_uprobe_opts(skel->progs.${name}, -1 /* every process */, binary, 0, &${name}_opts)`, "to the function")}`;
}

function kernelProbe(program: ProgramDescription): string {
  const atReturn = words(program) === "kretprobe";
  return linkBy(
    program,
    `bpf_program__attach_kprobe(skel->progs.${program.name}, ${atReturn}, function)`,
    "to the function",
  );
}

/** Sampling: a clock on every CPU. */
export function perfEvents(programs: readonly ProgramDescription[]): Part | undefined {
  const attached = programs.filter(({ progType }) => progType === "BPF_PROG_TYPE_PERF_EVENT");
  if (attached.length === 0) return undefined;
  return {
    includes: ["<linux/perf_event.h>", "<sys/syscall.h>", "<unistd.h>"],
    options: [
      {
        name: "frequency",
        short: "F",
        argument: "HERTZ",
        help: "samples a second on each CPU, 99 by default",
        take: [`err = read_number("frequency", optarg, 1, 10000, &frequency);`],
      },
    ],
    declarations: [
      "/* Not 100: a timer of the kernel's own would always be seen at its work. */\nstatic long long frequency = 99;",
      `static struct bpf_link **samplers;\nstatic int sampler_count;`,
      SAMPLE,
    ],
    attach: attached.map(
      ({ name }) => `err = sample(skel->progs.${name});
if (err)
	return fail("${name} cannot be attached to the clocks of the CPUs", err);`,
    ),
    detach: ["while (sampler_count > 0)\n\tbpf_link__destroy(samplers[--sampler_count]);\nfree(samplers);"],
  };
}

const SAMPLE = `/* Lets a program run at every tick of a clock of its own on each CPU. */
static int sample(const struct bpf_program *program)
{
	struct perf_event_attr clock = {
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.size = sizeof(clock),
		.freq = 1,
		.sample_freq = frequency,
	};
	int count = libbpf_num_possible_cpus();
	struct bpf_link **more;

	if (count < 0)
		return count;
	more = realloc(samplers, (sampler_count + count) * sizeof(*samplers));
	if (!more)
		return -ENOMEM;
	samplers = more;
	for (int cpu = 0; cpu < count; cpu++) {
		int fd = syscall(SYS_perf_event_open, &clock, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
		struct bpf_link *link;

		/* A CPU that is switched off has no clock. */
		if (fd < 0 && errno == ENODEV)
			continue;
		if (fd < 0)
			return -errno;
		link = bpf_program__attach_perf_event(program, fd);
		if (!link) {
			int err = -errno;

			close(fd);
			return err;
		}
		samplers[sampler_count++] = link;
	}
	return 0;
}`;

/** Iterators write text when they are read. */
export function iterators(programs: readonly ProgramDescription[], maps: readonly MapDescription[]): Part | undefined {
  const attached = programs.filter(({ attachType }) => attachType === "BPF_TRACE_ITER");
  if (attached.length === 0) return undefined;
  return {
    includes: ["<unistd.h>"],
    declarations: [COPY],
    prepare: attached.flatMap((program) =>
      overMap(program, maps) === undefined ? [] : [`bpf_program__set_autoattach(skel->progs.${program.name}, false);`],
    ),
    attach: attached.map((program) => {
      const { name } = program;
      const map = overMap(program, maps);
      const read = `err = print_iterator(skel->links.${name});
if (err)
	return fail("what ${name} writes cannot be read", err);`;
      if (map === undefined) return read;
      return `union bpf_iter_link_info ${name}_info = { .map.map_fd = bpf_map__fd(skel->maps.${map}) };
struct bpf_iter_attach_opts ${name}_opts = {
	.sz = sizeof(${name}_opts),
	.link_info = &${name}_info,
	.link_info_len = sizeof(${name}_info),
};

${linkBy(program, `bpf_program__attach_iter(skel->progs.${name}, &${name}_opts)`, `to the map ${map}`)}
${read}`;
    }),
    once: true,
  };
}

function overMap({ attachTarget }: ProgramDescription, maps: readonly MapDescription[]): string | undefined {
  const kinds: Readonly<Record<string, RegExp>> = {
    bpf_map_elem: /HASH$|ARRAY$/,
    bpf_sk_storage_map: /SK_STORAGE$/,
    sockmap: /SOCKMAP$|SOCKHASH$/,
  };
  const kind = kinds[attachTarget ?? ""];
  return kind && maps.find(({ type }) => kind.test(type ?? ""))?.name;
}

const COPY = `/* Reading an iterator is what runs its program. */
static int print_iterator(const struct bpf_link *link)
{
	char text[4096];
	ssize_t length;
	int err = 0;
	int fd = bpf_iter_create(bpf_link__fd(link));

	if (fd < 0)
		return -errno;
	while ((length = read(fd, text, sizeof(text))) != 0) {
		if (length > 0) {
			fwrite(text, 1, length, stdout);
		} else if (errno != EAGAIN && errno != EINTR) {
			err = -errno;
			break;
		}
	}
	close(fd);
	return err;
}`;
