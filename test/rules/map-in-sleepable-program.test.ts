import { test } from "vitest";
import { mapInSleepableProgram } from "../../server/src/analysis/rules/map-in-sleepable-program.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const MAP = (type: string) =>
  `struct { __uint(type, BPF_MAP_TYPE_${type}); __uint(max_entries, 1); __uint(key_size, 4); __uint(value_size, 4); } m SEC(".maps");`;

test("through a function that others run as well", () => {
  checkRule(
    mapInSleepableProgram,
    `
${MAP("PROG_ARRAY")}
static void on(void *ctx) { bpf_tail_call(ctx, &m, 0); }
//                                             ^^ a program that may sleep cannot use m, a BPF_MAP_TYPE_PROG_ARRAY: the verifier refuses it
SEC("fentry/f") int BPF_PROG(f) { on(ctx); return 0; }
SEC("fentry.s/f") int BPF_PROG(g) { on(ctx); return 0; }
`,
  );
});

test("what may be used, and who does not sleep", () => {
  const use = (section: string) =>
    `SEC("${section}") int f(void *ctx) { u32 key = 0; return !bpf_map_lookup_elem(&m, &key); }`;
  for (const type of ["HASH", "ARRAY", "LPM_TRIE", "QUEUE", "TASK_STORAGE", "ARENA", "SOME_DAY"])
    checkNoFindings(mapInSleepableProgram, `${MAP(type)}\n${use("fentry.s/f")}`);
  for (const section of ["fentry/f", "xdp", "tc", "unknown.s"])
    checkNoFindings(mapInSleepableProgram, `${MAP("CGROUP_ARRAY")}\n${use(section)}`);
});

test("what runs later, or only where a flag says so", () => {
  checkNoFindings(
    mapInSleepableProgram,
    `
${MAP("PERF_EVENT_ARRAY")}
static void tell(void *ctx, bool sleeps) { if (!sleeps) bpf_perf_event_output(ctx, &m, 0, ctx, 1); }
SEC("fentry/f") int BPF_PROG(f) { tell(ctx, false); return 0; }
SEC("fentry.s/f") int BPF_PROG(g) { tell(ctx, true); return 0; }
`,
  );
});
