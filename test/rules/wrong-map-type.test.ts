import { expect, test } from "vitest";
import { wrongMapType } from "../../server/src/analysis/rules/wrong-map-type.ts";
import { checkFix, checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const map = (type: string, name = "m") => `struct { __uint(type, BPF_MAP_TYPE_${type}); } ${name} SEC(".maps");`;
const program = (body: string) => `SEC("xdp")\nint f(void *ctx) { ${body} return 0; }`;

test("says what the helper takes", () => {
  checkRule(
    wrongMapType,
    `
${map("HASH", "counts")}
${program("bpf_tail_call(ctx, &counts, 0);")}
//                                    ^^^^^^^ counts is a HASH map, which bpf_tail_call() does not take: it takes PROG_ARRAY maps
`,
  );
});

test("or, where a special map stands before one of the general helpers, what takes the map", () => {
  checkRule(
    wrongMapType,
    `
${map("STACK_TRACE", "stacks")}
${program("bpf_map_lookup_elem(&stacks, ctx);")}
//                                     ^^^^^^^ stacks is a STACK_TRACE map, which bpf_map_lookup_elem() does not take: bpf_get_stackid() does
`,
  );
});

test("from the old buffer to the new", () => {
  checkFix(
    wrongMapType,
    `${map("RINGBUF", "rb")}\n${program("bpf_perf_event_output(ctx, &rb, BPF_F_CURRENT_CPU, &e, sizeof(e));")}`,
    `${map("RINGBUF", "rb")}\n${program("bpf_ringbuf_output(&rb, &e, sizeof(e), 0);")}`,
  );
});

test("another map is offered only where it is the only one", () => {
  const source = (used: string, more = "") =>
    `${map("HASH")}\n${map("PROG_ARRAY", "jumps")}${more}\n${program(`bpf_tail_call(ctx, &${used}, 0);`)}`;
  checkFix(wrongMapType, source("m"), source("jumps"));
  const two = source("m", map("PROG_ARRAY", "others"));
  expect(findingsIn(two, [wrongMapType]).map(({ fixes }) => fixes)).toEqual([[]]);
});

test("what helpers take", () => {
  for (const [type, call] of [
    ["HASH", "bpf_map_lookup_elem(&m, ctx)"],
    ["LPM_TRIE", "bpf_map_update_elem(&m, ctx, ctx, 0)"],
    ["RINGBUF", "bpf_ringbuf_reserve(&m, 8, 0)"],
    ["DEVMAP", "bpf_map_lookup_elem(&m, ctx)"],
    ["SK_STORAGE", "bpf_sk_storage_get(&m, ctx, 0, 0)"],
    ["CGROUP_STORAGE_DEPRECATED", "bpf_get_local_storage(&m, 0)"],
    // In some programs.
    ["SOCKMAP", "bpf_map_update_elem(&m, ctx, ctx, 0)"],
    ["SOCKHASH", "bpf_map_delete_elem(&m, ctx)"],
  ])
    checkNoFindings(wrongMapType, `${map(type ?? "")}\n${program(`${call};`)}`);
});

test("silent where the type is not known", () => {
  checkNoFindings(
    wrongMapType,
    `${map("RINGBUF").replace("BPF_MAP_TYPE_RINGBUF", "MY_TYPE")}\n${program("bpf_map_lookup_elem(&m, ctx);")}`,
  );
  checkNoFindings(wrongMapType, program("bpf_map_lookup_elem(&elsewhere, ctx);"));
  checkNoFindings(wrongMapType, program("bpf_map_lookup_elem(inner, ctx);"));
  checkNoFindings(wrongMapType, `${map("OF_THE_FUTURE")}\n${program("bpf_map_lookup_elem(&m, ctx);")}`);
});

test("silent where the preprocessor chooses the map", () => {
  checkNoFindings(
    wrongMapType,
    `
#ifdef HAVE_RINGBUF
${map("RINGBUF")}
#else
${map("PERF_EVENT_ARRAY")}
#endif
${program("if (!HAVE) bpf_perf_event_output(ctx, &m, 0, ctx, 8);")}
`,
  );
});

test("what a target does not take yet", () => {
  const source = `${map("SOCKMAP")}\n${program("bpf_map_lookup_elem(&m, ctx);")}`;
  checkNoFindings(wrongMapType, source);
  checkNoFindings(wrongMapType, source, { target: "5.10" });
  // That it came between 5.7 and 5.9 is all that is known.
  checkNoFindings(wrongMapType, source, { target: "5.8" });
  // What a distribution brought back is not known.
  checkNoFindings(wrongMapType, source, { target: "rhel-8.4" });
  checkRule(
    wrongMapType,
    `${source}\n//                                     ^^ m is a SOCKMAP map, which bpf_map_lookup_elem() does not take on 5.4: first in 5.9\n`,
    { target: "5.4, 5.15" },
  );
  // Without the map type there is nothing to ask.
  checkNoFindings(wrongMapType, source, { target: "4.9" });
});
