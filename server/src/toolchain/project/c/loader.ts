/** The user-space part in C: loads the skeleton, attaches it, shows what it tells and gives everything back. */

import { placeOf } from "../programs/kind.ts";
import { identifier, type Wish } from "../shared.ts";
import { attachInC } from "./attach.ts";
import { showInC } from "./show.ts";

/** What one subject adds to the program. */
export interface CPart {
  readonly includes: readonly string[];
  /** Functions and variables before `main`. */
  readonly functions: readonly string[];
  /** Variables of `main`. */
  readonly locals: readonly string[];
  /** Statements of `main`, which go to `end` with `err` set where something fails. */
  readonly statements: readonly string[];
  /** What is given back at the end, beside the skeleton. */
  readonly end: readonly string[];
}

export function cLoader(wish: Wish): string {
  const { name, kind } = wish;
  const skeleton = `${identifier(name)}_bpf`;
  const parts = [attachInC(wish), showInC(wish)];
  const all = (field: keyof CPart): readonly string[] => parts.flatMap((part) => part[field]);
  const includes = [...new Set(["errno.h", "signal.h", "stdio.h", "string.h", ...all("includes")])].sort();
  const locals = [...all("locals"), `struct ${skeleton} *skel;`, "int err;"];
  return `/* Loads ${name}.bpf.c into the kernel, attaches it and shows what it tells, until Ctrl-C. */
${includes.map((path) => `#include <${path}>`).join("\n")}
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "${name}.h"
#include "${name}.skel.h"

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

/* Says what went wrong and gives back the error. */
static int fail(const char *what, int err)
{
	fprintf(stderr, "${name}: %s: %s\\n", what, strerror(-err));
	if (err == -EPERM)
		fprintf(stderr, "Root is needed, and a kernel that allows this kind of program.\\n");
	return err;
}
${all("functions")
  .map((text) => `\n${text}\n`)
  .join("")}
int main(${placeOf(kind) === undefined ? "void" : "int argc, char **argv"})
{
${indented(locals)}

	/* Each line at once, also into a pipe. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGINT, stop);
	signal(SIGTERM, stop);

${PLACES[placeOf(kind) ?? "nowhere"].replace("NAME", name)}	/* Here the verifier looks at the programs; what it says about them libbpf prints. */
	skel = ${skeleton}__open_and_load();
	if (!skel)
		return fail("the programs could not be loaded", -errno) != 0;

${indented([...all("statements")])}
end:
${indented([...all("end"), `${skeleton}__destroy(skel);`])}
	return err != 0;
}
`;
}

/** Where a program is attached is said on the command line. */
const PLACES = {
  nowhere: "",
  interface: `	if (argc != 2) {
		fprintf(stderr, "Usage: NAME INTERFACE\\n");
		return 2;
	}
	ifindex = if_nametoindex(argv[1]);
	if (ifindex == 0)
		return fail(argv[1], -errno) != 0;

`,
  cgroup: `	if (argc > 2) {
		fprintf(stderr, "Usage: NAME [CGROUP]\\n");
		return 2;
	}
	/* The first of all cgroups has every task in it. */
	cgroup = open(argc == 2 ? argv[1] : "/sys/fs/cgroup", O_RDONLY | O_DIRECTORY);
	if (cgroup < 0)
		return fail(argc == 2 ? argv[1] : "/sys/fs/cgroup", -errno) != 0;

`,
} as const;

function indented(blocks: readonly string[]): string {
  return blocks
    .flatMap((block) => block.split("\n"))
    .map((line) => (line === "" ? "" : `\t${line}`))
    .join("\n");
}
