/** How the C program shows what the kernel's part tells. */

import type { Column, Counters, Events } from "../programs/kind.ts";
import type { Wish } from "../shared.ts";
import type { CPart } from "./loader.ts";

export function showInC({ kind }: Wish): CPart {
  const { output } = kind;
  if (output.shape === "events") return events(output);
  return output.shape === "counters" ? counters(output) : text(kind.programs[0]?.name ?? "");
}

function events({ columns }: Events): CPart {
  const addresses = columns.filter(({ as }) => as === "ipv4");
  const titles = columns.map(({ title, width }) => title.padEnd(width)).join(" ");
  const format = columns.map(formatOf).join(" ");
  return {
    includes: addresses.length > 0 ? ["arpa/inet.h"] : [],
    functions: [
      `static int on_event(void *context, void *data, size_t size)
{
	const struct event *event = data;
${addresses.map(({ field }) => `	char ${field}[INET_ADDRSTRLEN];\n`).join("")}
	(void)context;
	if (size < sizeof(*event))
		return 0;
${addresses.map(({ field }) => `	inet_ntop(AF_INET, &event->${field}, ${field}, sizeof(${field}));\n`).join("")}	printf("${format}\\n", ${columns.map(argumentFor).join(", ")});
	return 0;
}`,
    ],
    locals: ["struct ring_buffer *events = NULL;"],
    statements: [
      `events = ring_buffer__new(bpf_map__fd(skel->maps.events), on_event, NULL, NULL);
if (!events) {
	err = fail("the ring buffer could not be opened", -errno);
	goto end;
}

printf("${titles.trimEnd()}\\n");
err = 0;
while (!stopped && err >= 0)
	err = ring_buffer__poll(events, 100 /* milliseconds */);
/* Ctrl-C is the usual way to end. */
err = stopped ? 0 : fail("the ring buffer could not be read", err);
`,
    ],
    end: ["ring_buffer__free(events);"],
  };
}

function formatOf({ as, width }: Column): string {
  return `%${width === 0 ? "" : `-${width}`}${FORMATS[as]}`;
}

const FORMATS: Readonly<Record<Column["as"], string>> = { u32: "u", u64: "llu", s64: "lld", text: "s", ipv4: "s" };

function argumentFor({ as, field }: Column): string {
  return as === "ipv4" ? field : `event->${field}`;
}

function counters({ key, names, fields }: Counters): CPart {
  const name = Object.entries(names).map(([index, word]) => `\t[${index}] = "${word}",`);
  const [first = ""] = fields;
  const sums = fields.map((field) => `sum.${field} += values[cpu].${field};`);
  return {
    includes: ["stdlib.h", "unistd.h"],
    functions: [
      `static const char *const names[COUNTERS] = {\n${name.join("\n")}\n};`,
      `/* Adds up what each CPU has counted. */
static int show(int map, struct counter *values, int cpus)
{
	printf("${key.padEnd(16)}${fields.map((field) => ` ${field.toUpperCase().padStart(12)}`).join("")}\\n");
	for (__u32 key = 0; key < COUNTERS; key++) {
		struct counter sum = {};
		char number[16];
		int err;

		err = bpf_map_lookup_elem(map, &key, values);
		if (err)
			return fail("the counters could not be read", err);
		for (int cpu = 0; cpu < cpus; cpu++) {
			${sums.join("\n\t\t\t")}
		}
		if (sum.${first} == 0)
			continue;
		snprintf(number, sizeof(number), "%u", key);
		printf("%-16s${fields.map(() => " %12llu").join("")}\\n", names[key] ? names[key] : number${fields.map((field) => `, sum.${field}`).join("")});
	}
	return 0;
}`,
    ],
    locals: ["struct counter *values = NULL;"],
    statements: [
      `err = -ENOMEM;
values = calloc(libbpf_num_possible_cpus(), sizeof(*values));
if (!values)
	goto end;

err = 0;
while (!stopped && !err) {
	sleep(1);
	err = show(bpf_map__fd(skel->maps.counters), values, libbpf_num_possible_cpus());
}
`,
    ],
    end: ["free(values);"],
  };
}

/** An iterator is a file that the kernel writes while it is read. */
function text(program: string): CPart {
  return {
    includes: ["unistd.h"],
    functions: [
      `static int copy(int from)
{
	char text[4096];
	ssize_t length = 0;

	while (!stopped && (length = read(from, text, sizeof(text))) > 0)
		fwrite(text, 1, length, stdout);
	return length < 0 ? fail("the iterator could not be read", -errno) : 0;
}`,
    ],
    locals: ["int file;"],
    statements: [
      `file = bpf_iter_create(bpf_link__fd(skel->links.${program}));
if (file < 0) {
	err = fail("the iterator could not be opened", file);
	goto end;
}
err = copy(file);
close(file);
`,
    ],
    end: [],
  };
}
