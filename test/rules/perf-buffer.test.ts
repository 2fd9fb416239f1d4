import { test } from "vitest";
import { perfBuffer } from "../../server/src/analysis/rules/perf-buffer.ts";
import { checkFix, checkNoFindings, checkRule } from "../support/check.ts";

const MAP = `struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} events SEC(".maps");
`;
const send = "bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &x, sizeof(x));";
const program = (body: string, section = "kprobe/f") =>
  `SEC("${section}")\nint f(void *ctx)\n{\n\tint x = 0;\n\t${body}\n\treturn 0;\n}\n`;

test("flags the type", () => {
  checkRule(
    perfBuffer,
    `
struct {
    __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
//               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ map events is one buffer for each CPU; a ring buffer is one for all and keeps the order of events
} events SEC(".maps");

${program(send)}`,
  );
});

test("all sends are rewritten, and a definition without sizes gets one", () => {
  checkFix(
    perfBuffer,
    `struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
} events SEC(".maps");

${program(`${send}\n\t${send}`)}`,
    `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} events SEC(".maps");

${program("bpf_ringbuf_output(&events, &x, sizeof(x), 0);\n\tbpf_ringbuf_output(&events, &x, sizeof(x), 0);")}`,
  );
});

test("silent where a ring buffer would not do", () => {
  checkNoFindings(perfBuffer, MAP + program(send, "perf_event"));
  checkNoFindings(
    perfBuffer,
    MAP + program(send.replace("BPF_F_CURRENT_CPU", "((__u64)64 << 32) | BPF_F_CURRENT_CPU"), "xdp"),
  );
  checkNoFindings(perfBuffer, MAP + program(send.replace("BPF_F_CURRENT_CPU", "cpu")));
  checkNoFindings(perfBuffer, MAP + program(`${send}\n\tbpf_perf_event_read(&events, 0);`));
  checkNoFindings(perfBuffer, MAP + program(`${send}\n\tg(&events);`));
  checkNoFindings(perfBuffer, MAP + program(send), { target: "5.4" });
});

test("silent where nothing is sent, or by somebody else", () => {
  checkNoFindings(perfBuffer, MAP + program("bpf_perf_event_read(&events, 0);"));
  checkNoFindings(
    perfBuffer,
    `#define SEND(ctx, x) bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, x, 4)\n${MAP}${program(send)}`,
  );
  checkNoFindings(perfBuffer, MAP + program(send), { loader: "bcc" });
});

test("silent where the file has both", () => {
  checkNoFindings(
    perfBuffer,
    `${MAP}struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");
${program(send)}`,
  );
  checkNoFindings(perfBuffer, MAP + program(`if (bpf_core_type_exists(struct bpf_ringbuf))\n\t\treturn 0;\n\t${send}`));
});
