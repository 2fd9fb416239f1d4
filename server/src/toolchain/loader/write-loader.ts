/** The loader as text: the frame that is the same for all, and in it what each part adds. */

import { indent, type Loader, type Part, quoted } from "./part.ts";
import { PRINT_BYTES } from "./print.ts";
import { readOptions, usage } from "./read-options.ts";
import type { SharedTypes } from "./types.ts";

const INCLUDES = ["<errno.h>", "<getopt.h>", "<limits.h>", "<signal.h>", "<stdarg.h>", "<stdbool.h>", "<stdio.h>"];
const MORE_INCLUDES = ["<stdlib.h>", "<string.h>", "<time.h>", "<unistd.h>"];

export function writeLoader(loader: Loader, parts: readonly Part[], types: SharedTypes): string {
  const { names } = loader;
  const includes = [...new Set([...INCLUDES, ...MORE_INCLUDES, ...all(parts, "includes")])].sort();
  const options = parts
    .flatMap((part) => part.options ?? [])
    .filter(({ name }, i, list) => list.findIndex((other) => other.name === name) === i);
  const declarations = all(parts, "declarations");
  const body = [
    ...declarations,
    usage(loader, options),
    readOptions(loader, options),
    ...actions(loader, parts),
    QUIET,
    main(loader, parts),
  ].join("\n\n");
  const needed = [
    ...(body.includes("read_number(") ? [READ_NUMBER] : []),
    ...(body.includes("print_bytes(") ? [PRINT_BYTES] : []),
  ];
  const sections = [
    opening(loader, all(parts, "notes")),
    includes.map((name) => `#include ${name}`).join("\n"),
    "#include <bpf/bpf.h>\n#include <bpf/libbpf.h>",
    // The skeleton names these types, and leaves it to others to define them.
    ...(types.includes.length === 0 ? [] : [types.includes.map((name) => `#include ${name}`).join("\n")]),
    ...types.definitions,
    `#include "${names.header}"`,
    "static volatile sig_atomic_t stopping;\nstatic bool verbose;",
    fail(loader, parts),
    ...needed,
    body,
  ];
  return `${sections.join("\n\n")}\n`;
}

type Texts = "includes" | "declarations" | "notes" | "prepare" | "attach" | "poll" | "report" | "detach";

/** Each once, where several parts bring the same. */
function all(parts: readonly Part[], key: Texts): readonly string[] {
  return [...new Set(parts.flatMap((part) => part[key] ?? []))];
}

function opening({ names }: Loader, notes: readonly string[]): string {
  const { program, source } = names;
  const lines = [
    `Loads ${source}, attaches its programs, and prints what they send until it is ended. Written by Hookpoint as a`,
    "beginning: it is yours, and is not written over.",
    ...notes.flatMap((note) => ["", note]),
    "",
    `    cc -g -O2 -Wall ${program}.c -o ${program} -lbpf -lelf -lz`,
    `    sudo ./${program}`,
  ];
  // Whatever a file is called, it ends no comment.
  return `/*\n${lines.map((line) => ` * ${line.replaceAll("*/", "* /")}`.trimEnd()).join("\n")}\n */`;
}

function fail({ names }: Loader, parts: readonly Part[]): string {
  const advice = parts.flatMap((part) => part.advice ?? []);
  const lines = [
    "if ((err == -EPERM || err == -EACCES) && geteuid())",
    `\tadvice = ${quoted("Run it as root: the kernel lets nobody else do this.")};`,
    ...advice.flatMap(({ when, text }) => [`else if (${when})`, `\tadvice = ${quoted(text)};`]),
  ];
  return `/* Says what cannot be done and what may help, and gives the error back. */
static int fail(const char *what, int err)
{
	const char *advice = "";

${indent(lines).join("\n")}
	fprintf(stderr, ${quoted(`${names.program}: %s: %s. %s\n`)}, what, strerror(-err), advice);
	return err;
}`;
}

const READ_NUMBER = `/* A whole number within limits, or an error that has been told. */
static int read_number(const char *option, const char *text, long long least, long long most, long long *number)
{
	char *end;

	errno = 0;
	*number = strtoll(text, &end, 0);
	if (errno || end == text || *end || *number < least || *number > most) {
		fprintf(stderr, "--%s takes a number from %lld to %lld, and was given %s\\n", option, least, most, text);
		return -EINVAL;
	}
	return 0;
}`;

function actions({ names }: Loader, parts: readonly Part[]): readonly string[] {
  const skeleton = `struct ${names.skeleton} *skel`;
  const step = (name: string, says: string, lines: readonly string[]): string => {
    const variables = lines.some((line) => /\berr\b/.test(line)) ? "\tint err;\n\n" : "";
    const body = indent(separated(lines)).join("\n");
    return `/* ${says} */\nstatic int ${name}(${skeleton})\n{\n${variables}${body}\n\treturn 0;\n}`;
  };
  const prepare = all(parts, "prepare");
  const report = all(parts, "report");
  const detach = all(parts, "detach");
  const attach = [
    `err = ${names.skeleton}__attach(skel);
if (err)
	return fail("the programs cannot be attached", err);
`,
    ...all(parts, "attach"),
  ];
  return [
    ...(prepare.length === 0
      ? []
      : [step("prepare", "What is settled when programs are loaded comes before that.", prepare)]),
    step("attach", "From here on the programs run.", attach),
    ...(report.length === 0
      ? []
      : [`static void report(${skeleton})\n{\n${indent(report).join("\n")}\n\tfflush(stdout);\n}`]),
    ...(detach.length === 0
      ? []
      : [
          `/* What the skeleton does not know of; the rest it gives back itself. */\nstatic void detach(${skeleton})\n{\n\t(void)skel;\n${indent(detach).join("\n")}\n}`,
        ]),
    ...(isOnce(parts) ? [] : [wait(names, parts)]),
  ];
}

function separated(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line, i) => (i === 0 || lines[i - 1]?.endsWith("\n") === true ? [line] : ["", line]));
}

/** Whether everything is done when the programs are attached. */
function isOnce(parts: readonly Part[]): boolean {
  return parts.some((part) => part.once === true) && all(parts, "poll").length === 0;
}

function wait({ skeleton }: Loader["names"], parts: readonly Part[]): string {
  const polls = all(parts, "poll");
  const reports = all(parts, "report").length > 0;
  const body = [
    ...(polls.length === 0 ? ["usleep(100 * 1000);"] : polls),
    ...(reports ? ["if (every && time(NULL) >= next) {\n\treport(skel);\n\tnext = time(NULL) + every;\n}"] : []),
  ];
  return `/* Until somebody presses Ctrl-C. */
static int wait_for_end(struct ${skeleton} *skel)
{
${indent([
  ...(reports ? ["time_t next = time(NULL) + every;"] : []),
  ...(polls.length === 0 ? [] : ["int err;"]),
  ...(reports || polls.length > 0 ? [""] : []),
  ...(reports ? [] : ["(void)skel;"]),
  "while (!stopping) {",
  ...indent(body),
  "}",
  ...(reports ? ["report(skel);"] : []),
  "return 0;",
]).join("\n")}
}`;
}

const QUIET = `/* libbpf's warnings say what was wrong; the rest is for whoever asks. */
static int print_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	return level == LIBBPF_WARN || verbose ? vfprintf(stderr, format, args) : 0;
}

static void stop(int signal)
{
	(void)signal;
	stopping = 1;
}`;

function main({ names, model }: Loader, parts: readonly Part[]): string {
  const { skeleton, program } = names;
  const traces = model.calls.some(({ name }) => /^bpf_(?:trace_v?printk|v?printk)$/.test(name));
  const hint = traces ? " What bpf_printk() writes is in /sys/kernel/tracing/trace_pipe." : "";
  const prepare = all(parts, "prepare").length === 0 ? "" : "\terr = prepare(skel);\n\tif (err)\n\t\tgoto out;\n";
  const run = isOnce(parts)
    ? ""
    : `	if (err)
		goto out;
	fprintf(stderr, "%s runs, and Ctrl-C ends it.${hint}\\n", ${quoted(program)});
	err = wait_for_end(skel);
`;
  return `int main(int argc, char **argv)
{
	struct sigaction on_signal = { .sa_handler = stop };
	struct ${skeleton} *skel;
	int err;

	libbpf_set_print(print_libbpf);
	sigaction(SIGINT, &on_signal, NULL);
	sigaction(SIGTERM, &on_signal, NULL);
	/* Whoever reads a pipe sees each line at once. */
	setvbuf(stdout, NULL, _IOLBF, 0);

	skel = ${skeleton}__open();
	if (!skel)
		return fail("the BPF object cannot be opened", -errno) ? 1 : 0;
	err = read_options(argc, argv, skel);
	if (err) {
		${skeleton}__destroy(skel);
		return err > 0 ? 0 : 2;
	}

${prepare}	err = ${skeleton}__load(skel);
	if (err) {
		fail("the kernel does not take the programs", err);
		goto out;
	}
	err = attach(skel);
${run}out:
${all(parts, "detach").length === 0 ? "" : "\tdetach(skel);\n"}	${skeleton}__destroy(skel);
	return err ? 1 : 0;
}`;
}
