import { test } from "vitest";
import { readOnlyPacket } from "../../server/src/analysis/rules/read-only-packet.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const program = (section: string, body: string): string => `SEC("${section}") int f(struct __sk_buff *skb) {
__u8 *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end; if (data + 2 > end) return 1;
${body}
return 1; }`;

test("programs that may write, and whoever may be attached to any", () => {
  for (const section of ["tc", "lwt_xmit", "sk_skb/stream_verdict", "freplace/f"])
    checkNoFindings(readOnlyPacket, program(section, "data[1] = 1;"));
});

test("programs that read", () => {
  checkNoFindings(readOnlyPacket, program("cgroup_skb/egress", "if (data[1] == 1) return 0;"));
  checkNoFindings(readOnlyPacket, program("lwt_in", "__u8 copy = data[1]; copy++; if (copy) return 0;"));
});

test("a write, an atomic one, a copy", () => {
  for (const write of ["data[1] = 1", "data[1]++", "__builtin_memset(data, 0, 2)"]) {
    const at = write.startsWith("__b") ? "data" : "data[1]";
    checkRule(
      readOnlyPacket,
      program(
        "cgroup_skb/egress",
        `   ${write};
// ${" ".repeat(write.indexOf(at))}${"^".repeat(at.length)} cgroup_skb programs may only read the packet, and this writes to it: the verifier refuses the program`,
      ),
    );
  }
});

test("a piece of the packet that may be written to", () => {
  const declared =
    "extern void *bpf_dynptr_slice_rdwr(const struct bpf_dynptr *p, u32 offset, void *buffer, u32 size) __ksym;\n";
  const sliced = (section: string, told = "") =>
    declared + program(section, `   bpf_dynptr_slice_rdwr(other(), 0, 0, 4);${told}`);
  checkRule(
    readOnlyPacket,
    sliced(
      "cgroup_skb/egress",
      `
// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ cgroup_skb programs may only read the packet, and what bpf_dynptr_slice_rdwr() gives may be written to: the verifier refuses the program`,
    ),
  );
  for (const section of ["tc", "xdp", "freplace/f"]) checkNoFindings(readOnlyPacket, sliced(section));
});
