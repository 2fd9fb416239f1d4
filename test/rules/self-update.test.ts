import { test } from "vitest";
import { selfUpdate } from "../../server/src/analysis/rules/self-update.ts";
import { checkFix, checkNoFindings, checkRule } from "../support/check.ts";

const program = (body: string, type = "HASH") => `struct {
	__uint(type, BPF_MAP_TYPE_${type});
	__type(key, int);
	__type(value, struct stats);
} m SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); } other SEC(".maps");

SEC("xdp")
int f(void *ctx)
{
	int k = 1, j = 2;
	struct stats zero = {}, *s;

${body.replace(/^/gm, "\t")}
	return 0;
}
`;
const lookup = "s = bpf_map_lookup_elem(&m, &k);\nif (!s)\n\treturn 0;\n";
const update = "bpf_map_update_elem(&m, &k, s, BPF_ANY);";

test("flags the call", () => {
  checkRule(
    selfUpdate,
    `
struct { __uint(type, BPF_MAP_TYPE_ARRAY); } m SEC(".maps");
int f(void *ctx)
{
    int k = 0;
    long *value = bpf_map_lookup_elem(&m, &k);
    if (value) {
        ++*value;
        bpf_map_update_elem(&m, &k, value, 0);
//      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ value points into map m, so what was written there is in it: this copies it over itself
    }
    return 0;
}
`,
  );
});

test("a member whose address is taken is no new pointer", () => {
  const body = `${lookup}__sync_fetch_and_add(&s->count, 1);\n`;
  checkFix(selfUpdate, program(`${body}${update}`), program(body.trimEnd()));
});

test("an element made on the way is one, too", () => {
  const body = `s = bpf_map_lookup_elem(&m, &k);
if (!s) {
	bpf_map_update_elem(&m, &k, &zero, BPF_NOEXIST);
	s = bpf_map_lookup_elem(&m, &k);
	if (!s)
		return 0;
}
s->count++;
`;
  checkFix(selfUpdate, program(`${body}${update}`), program(body.trimEnd()));
});

test("found without a fix where more than the call would have to go", () => {
  const source = program(`${lookup}if (s->count)\n\t${update}`);
  checkFix(selfUpdate, source, source);
});

test("silent where it may be another element or another value", () => {
  for (const body of [
    `${lookup}k = 2;\n${update}`,
    `${lookup}g(&k);\n${update}`,
    `${lookup}k++;\n${update}`,
    `${lookup}s = &zero;\n${update}`,
    `s = bpf_map_lookup_elem(&m, &k);\nif (!s)\n\ts = &zero;\n${update}`,
    `${lookup}h(&s);\n${update}`,
    `${lookup}bpf_map_update_elem(&m, &j, s, BPF_ANY);`,
    `${lookup}bpf_map_update_elem(&other, &k, s, BPF_ANY);`,
    `s = bpf_map_lookup_elem(&other, &k);\n${update}`,
    `${update}\n${lookup}`,
    `for (k = 0; k < 4; k++) {\n\t${lookup}\t${update}\n}`,
    `${lookup}again:\n${update}\ngoto again;`,
  ])
    checkNoFindings(selfUpdate, program(body));
});

test("silent on maps that do not hold what they give", () => {
  for (const type of ["SOCKMAP", "HASH_OF_MAPS", "SK_STORAGE"])
    checkNoFindings(selfUpdate, program(lookup + update, type));
});
