import { expect, test } from "vitest";
import { readLoad } from "../../../server/src/analysis/verifier/read-load.ts";
import { sourceOfLog } from "../../../server/src/analysis/verifier/source-of-log.ts";
import { explainLog } from "../../../server/src/toolchain/explain-log.ts";

const SOURCE = `int count(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *size = bpf_map_lookup_elem(&sizes, &key);

	*size += 1;
	return XDP_PASS;
}
`;
const OTHER = `int other(struct xdp_md *ctx)
{
	__u32 key = 0;
	return XDP_PASS;
}
`;
/** As kernels before 6.9 write it: without file and line. */
const LOG = `libbpf: prog 'count': BPF program load failed: Permission denied
libbpf: prog 'count': -- BEGIN PROG LOAD LOG --
0: R1=ctx() R10=fp0
; __u32 key = 0;
0: (b7) r1 = 0
; __u64 *size = bpf_map_lookup_elem(&sizes, &key);
5: (85) call bpf_map_lookup_elem#1
; *size += 1;
7: (79) r1 = *(u64 *)(r0 +0)
R0 invalid mem access 'map_value_or_null'
processed 8 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
-- END PROG LOAD LOG --
`;
const own = { file: "/p/count.bpf.c", text: SOURCE };
const other = { file: "/p/other.bpf.c", text: OTHER };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const pause = async (): Promise<void> => undefined;

test("the open source that has the lines which a log quotes is the one that it is of", async () => {
  expect(sourceOfLog(readLoad(LOG), [other, own])).toBe(own);
  const [program] = (await explainLog(bytes(LOG), pause, [other, own])).programs;
  expect(program?.answers[0]?.place).toMatchObject({ file: own.file, line: 6 });
});

test("one that has few of its lines is none, and of two alike it is neither", async () => {
  expect(sourceOfLog(readLoad(LOG), [other])).toBeUndefined();
  expect(sourceOfLog(readLoad(LOG), [own, { ...own, file: "/p/copy.bpf.c" }])).toBeUndefined();
  const [program] = (await explainLog(bytes(LOG), pause, [other])).programs;
  expect(program?.answers[0]?.place).toBeUndefined();
});

test("a log that names its lines needs no source", () => {
  const named = LOG.replace(/^(; .*)$/gm, "$1 @ count.bpf.c:6");
  expect(sourceOfLog(readLoad(named), [own])).toBeUndefined();
});
