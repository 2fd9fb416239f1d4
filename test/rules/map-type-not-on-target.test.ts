import { expect, test } from "vitest";
import { mapTypeNotOnTarget } from "../../server/src/analysis/rules/map-type-not-on-target.ts";
import { checkRule, findingsIn } from "../support/check.ts";

const map = (type: string, name = "m") => `struct { __uint(type, BPF_MAP_TYPE_${type}); } ${name} SEC(".maps");\n`;
const program = (code: string) => `SEC("kprobe/x")\nint f(void *ctx) { ${code} return 0; }\n`;
const told = (source: string, target = "5.4") =>
  findingsIn(source, [mapTypeNotOnTarget], { target }).map(({ severity, message }) => `${severity}: ${message}`);

test("marks the type", () => {
  checkRule(
    mapTypeNotOnTarget,
    `
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
//            ^^^^^^^^^^^^^^^^^^^^ RINGBUF maps are not on 5.4: first in 5.8
} rb SEC(".maps");
`,
    { target: "5.4, 5.8" },
  );
});

test("an error when a program uses it, else a remark", () => {
  const use = program("bpf_ringbuf_query(&m, 0);");
  expect(told(map("RINGBUF") + use)).toEqual(["error: RINGBUF maps are not on 5.4: first in 5.8"]);
  expect(told(map("RINGBUF"))[0]).toMatch(/^info/);
  expect(told(map("PERF_EVENT_ARRAY", "other") + map("RINGBUF") + use)[0]).toMatch(/^info/);
});

test("silent where all uses are guarded, or the kernel has it", () => {
  const guard = "if (bpf_core_type_exists(struct bpf_ringbuf)) bpf_ringbuf_query(&m, 0);";
  expect(told(map("RINGBUF") + program(guard))).toEqual([]);
  expect(told(`#ifdef NEW\n${map("RINGBUF")}#endif\n`)).toEqual([]);
  expect(told(map("HASH"))).toEqual([]);
  expect(told(map("NO_SUCH"))).toEqual([]);
  expect(told(map("RINGBUF"), "ubuntu-20.10")).toEqual([]);
  expect(told(map("RINGBUF"), "rhel-8.3")).toHaveLength(1);
});

test("the old form of maps as well", () => {
  expect(told('struct bpf_map_def SEC("maps") q = { .type = BPF_MAP_TYPE_QUEUE };\n', "4.19")).toHaveLength(1);
});
