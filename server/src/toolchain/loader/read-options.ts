/** The command line of a loader: its usage, and reading it. */

import { indent, type Loader, type Option, quoted } from "./part.ts";

export function usage({ names }: Loader, options: readonly Option[]): string {
  const rows = [
    ...options.map(({ name, short, argument, help }) => {
      const long = argument === undefined ? `--${name}` : `--${name} ${argument}`;
      return [short === undefined ? `    ${long}` : `-${short}, ${long}`, help] as const;
    }),
    ["-v, --verbose", "show all that libbpf has to say"] as const,
    ["-h, --help", "show this"] as const,
  ];
  const width = Math.max(...rows.map(([left]) => left.length));
  const lines = rows.map(([left, help]) => `  ${left.padEnd(width)}  ${help}`);
  return `static void usage(FILE *to)
{
	fputs(${[`Usage: ${names.program} [OPTION]...`, "", ...lines].map((line) => quoted(`${line}\n`)).join("\n\t      ")},
	      to);
}`;
}

export function readOptions({ names }: Loader, options: readonly Option[]): string {
  const long = options.filter(({ short }) => short === undefined).map(({ name }) => constantOf(name));
  const table = [...options, { name: "verbose", short: "v" }, { name: "help", short: "h" }].map(
    (option: Pick<Option, "name" | "short" | "argument">) =>
      `{ "${option.name}", ${option.argument === undefined ? "no" : "required"}_argument, NULL, ${letterOf(option)} },`,
  );
  const short = options
    .map((option) => (option.short === undefined ? "" : `${option.short}${option.argument === undefined ? "" : ":"}`))
    .join("");
  const usesNumber = options.some(({ take }) => take.some((text) => text.includes("&number")));
  return `/* 0 to go on, more than 0 when everything has been said, less when something is wrong with it. */
static int read_options(int argc, char **argv, struct ${names.skeleton} *skel)
{
${long.length === 0 ? "" : `\t/* Those without a letter. */\n\tenum { ${long.map((name, i) => (i === 0 ? `${name} = 256` : name)).join(", ")} };\n`}	static const struct option options[] = {
${table.map((row) => `\t\t${row}`).join("\n")}
		{ 0 },
	};
${usesNumber ? "\tlong long number;\n" : ""}	int option;
	int err = 0;

	(void)skel;
	while ((option = getopt_long(argc, argv, "${short}vh", options, NULL)) != -1) {
		switch (option) {
${options.map((option) => caseOf(option)).join("")}		case 'v':
			verbose = true;
			break;
		case 'h':
			usage(stdout);
			return 1;
		default:
			usage(stderr);
			return -EINVAL;
		}
		if (err)
			return err;
	}
	if (optind < argc) {
		fprintf(stderr, "There is no use for %s here.\\n", argv[optind]);
		usage(stderr);
		return -EINVAL;
	}
${options.map(missing).join("")}	return 0;
}`;
}

function caseOf(option: Option): string {
  const lines = indent(indent([...option.take, "break;"])).map((line) => (line === "" ? line : `\t${line}`));
  return `\t\tcase ${letterOf(option)}:\n${lines.join("\n")}\n`;
}

function missing({ missing: needed }: Option): string {
  if (needed === undefined) return "";
  return `	if (${needed.when}) {
		fputs(${quoted(`${needed.text}\n`)}, stderr);
		return -EINVAL;
	}
`;
}

function letterOf({ name, short }: Pick<Option, "name" | "short">): string {
  return short === undefined ? constantOf(name) : `'${short}'`;
}

function constantOf(name: string): string {
  return `OPTION_${name.replaceAll("-", "_").toUpperCase()}`;
}
