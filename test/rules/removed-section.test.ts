import { expect, test } from "vitest";
import { removedSection } from "../../server/src/analysis/rules/removed-section.ts";
import { checkNoFindings, checkRule, findingsIn, type Options } from "../support/check.ts";

const program = (section: string): string => `SEC("${section}")\nint f(void *ctx) { return 0; }\n`;

function meant(section: string, options?: Options): readonly (string | undefined)[] {
  const [finding] = findingsIn(program(section), [removedSection], options);
  return finding?.fixes?.map(({ edits: [edit] }) => edit?.newText) ?? [];
}

test("says since when and what to write", () => {
  checkRule(
    removedSection,
    `
SEC("socket1")
//   ^^^^^^^ libbpf 1.0 has no section "socket1": the load fails unless user space sets the type; write "socket"
int f(struct __sk_buff *skb) { return 0; }
`,
  );
});

test("the longest right name in it comes first", () => {
  expect(meant("xdp_firewall")).toEqual(["xdp"]);
  expect(meant("?xdp_firewall")).toEqual(["?xdp"]);
  expect(meant("xdp.frags/firewall")).toEqual(["xdp.frags", "xdp"]);
  expect(meant("xdp_devmap/egress")).toEqual(["xdp/devmap"]);
  expect(meant("sk_skb/stream_verdct")).toEqual(["sk_skb/stream_verdict", "sk_skb"]);
  expect(meant("cgroup/connect4_v2")).toEqual(["cgroup/connect4"]);
  expect(meant("syscalls/sys_enter_openat")).toEqual(["tracepoint/syscalls/sys_enter_openat", "syscall"]);
  expect(meant("classifier/ingress")).toEqual(["classifier"]);
});

test("right names, unknown ones and data are left alone", () => {
  for (const section of [
    "xdp",
    "xdp/devmap",
    "classifier",
    "tc",
    "struct_ops/x",
    "kporbe/x",
    "my_own",
    ".text",
    "maps",
  ])
    checkNoFindings(removedSection, program(section));
});

test("cilium/ebpf still takes them, but has some of its own", () => {
  const cilium = { loader: "cilium/ebpf" };
  checkNoFindings(removedSection, program("xdp_firewall"), cilium);
  expect(meant("seccomp", cilium)).toEqual(["socket"]);
  checkNoFindings(removedSection, program("xdp_firewall"), { loader: "iproute2" });
});
