/** The lowest kernel of a file: what counts, what does not, in which program, and what would lower it. */

import { describe, expect, test } from "vitest";
import { readTargets, type Target } from "../../../server/src/analysis/knowledge/target.ts";
import { onTarget } from "../../../server/src/analysis/minimum/on-target.ts";
import { loweredTexts, minimumText } from "../../../server/src/analysis/minimum/words.ts";
import { chainOf, kb, minimumIn } from "../../support/check.ts";

const HEAD = `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
char LICENSE[] SEC("license") = "GPL";
`;
const RING = `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");
`;
const program = (section: string, body: string, type = "void"): string =>
  `SEC("${section}") int prog(${type} *ctx)\n{\n${body}\n\treturn 0;\n}\n`;

function targetOf(label: string): Target {
  const [target] = readTargets(label, { distribution: kb.distribution, profile: () => undefined }).targets;
  if (target === undefined) throw new Error(`no kernel ${label}`);
  return target;
}

describe("what counts", () => {
  test("the program's own type, attach type and flags", () => {
    expect(chainOf(minimumIn(HEAD + program("kprobe/f", "")))).toEqual(["4.1 kprobe programs"]);
    expect(chainOf(minimumIn(HEAD + program("xdp.frags", "", "struct xdp_md")))).toEqual([
      "5.18 xdp.frags programs that take packets in pieces",
      "4.8 xdp.frags programs",
    ]);
    expect(chainOf(minimumIn(HEAD + program("lsm.s/file_open", "")))[0]).toBe("5.10 lsm.s programs that sleep");
  });

  test("helpers that came later than the type of their program, and in that program", () => {
    const found = minimumIn(
      HEAD + program("kprobe/f", "\tbpf_get_current_cgroup_id();\n\tbpf_get_current_pid_tgid();"),
    );
    expect(chainOf(found)).toEqual([
      "4.18 bpf_get_current_cgroup_id()",
      "4.2 bpf_get_current_pid_tgid()",
      "4.1 kprobe programs",
    ]);
    const later = minimumIn(HEAD + program("sk_msg", "\tbpf_get_current_pid_tgid();", "struct sk_msg_md"));
    expect(chainOf(later)[0]).toBe("5.9, perhaps 5.8 bpf_get_current_pid_tgid() in sk_msg programs");
  });

  test("a release that was not read counts for what came with it", () => {
    const found = minimumIn(
      HEAD + RING + program("kprobe/f", "\tlong x = 0;\n\tbpf_ringbuf_output(&events, &x, 8, 0);"),
    );
    expect(minimumText(found)).toBe("Linux 5.8");
    expect(chainOf(found)).toEqual(["5.8 RINGBUF maps", "5.8 bpf_ringbuf_output()", "4.1 kprobe programs"]);
  });

  test("maps with their flags and sizes, whether a program uses them or not", () => {
    const map = `struct big { char name[600]; };
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
} shared SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct big);
	__type(value, __u64);
	__uint(max_entries, 1);
} names SEC(".maps");
`;
    const found = minimumIn(HEAD + map + program("kprobe/f", ""));
    expect(chainOf(found).slice(0, 2)).toEqual(["5.11 keys of 600 bytes in HASH maps", "5.5 BPF_F_MMAPABLE"]);
    expect(found.programs.map(minimumText)).toEqual(["Linux 4.1"]);
  });

  test("variables outside of functions, also the format of bpf_printk()", () => {
    expect(chainOf(minimumIn(`${HEAD}long hits;\n${program("kprobe/f", "\thits++;")}`))[0]).toBe(
      "5.2 variables outside of functions",
    );
    expect(chainOf(minimumIn(HEAD + program("kprobe/f", '\tbpf_printk("%d", 1);')))[0]).toBe(
      "5.2 variables outside of functions (the format of bpf_printk())",
    );
    expect(chainOf(minimumIn(HEAD + program("kprobe/f", '\tbpf_printk("%d %d %d %d", 1, 2, 3, 4);')))[0]).toBe(
      "5.16 bpf_trace_vprintk() (by bpf_printk())",
    );
  });

  test("functions that are not inlined, atomic operations, iterators of macros, fields of the context", () => {
    const weak = "__noinline int twice(int *x)\n{\n\treturn x ? *x * 2 : 0;\n}\n";
    expect(chainOf(minimumIn(HEAD + weak + program("xdp", "\tint x = 1;\n\ttwice(&x);", "struct xdp_md")))).toEqual([
      "5.12 functions that are not static and take pointers",
      "4.16 calls of functions that are not inlined",
      "4.8 xdp programs",
    ]);
    const old = "long n;\n";
    expect(
      chainOf(
        minimumIn(
          HEAD + old + program("xdp", "\tlong x = __sync_fetch_and_add(&n, 1);\n\tif (x) return 1;", "struct xdp_md"),
        ),
      )[0],
    ).toBe("5.12 the result of __sync_fetch_and_add()");
    expect(chainOf(minimumIn(HEAD + program("tp_btf/x", "\tint i;\n\tbpf_for(i, 0, 4) { }")))[0]).toBe(
      "6.4 bpf_iter_num_new() (by bpf_for())",
    );
    expect(chainOf(minimumIn(HEAD + program("xdp", "\tif (ctx->rx_queue_index) return 1;", "struct xdp_md")))[0]).toBe(
      "4.16 ctx->rx_queue_index",
    );
  });

  test("what only runs in a function of the file counts for the programs that call it", () => {
    const helper = "static int count(void)\n{\n\treturn bpf_get_current_cgroup_id();\n}\n";
    const found = minimumIn(
      `${HEAD}${helper}${program("kprobe/f", "\tcount();")}SEC("kprobe/g") int other(void *ctx)\n{\n\treturn 0;\n}\n`,
    );
    expect(found.programs.map(({ name, release }) => `${name} ${release}`)).toEqual(["prog 4.18", "other 4.1"]);
    expect(found.release).toBe("4.18");
  });
});

describe("what does not count", () => {
  test("what is asked for first; it is told apart", () => {
    const ask = `	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_loop))
		bpf_loop(4, 0, 0, 0);`;
    const found = minimumIn(HEAD + program("kprobe/f", ask));
    expect(found.release).toBe("4.1");
    expect(chainOf({ reasons: found.asked })).toEqual(["5.17 bpf_loop()"]);
  });

  test("a map that is used only where the file chooses it, but not one behind a mere filter", () => {
    const body = (condition: string) =>
      `\tlong x = 0;\n\tif (${condition})\n\t\tbpf_ringbuf_output(&events, &x, 8, 0);`;
    const asks = "bpf_core_enum_value_exists(enum bpf_map_type, BPF_MAP_TYPE_RINGBUF)";
    expect(minimumIn(HEAD + RING + program("kprobe/f", body(asks))).release).toBe("4.1");
    const filtered = `const volatile int wanted;\n${program("kprobe/f", `\tif (wanted == 1)\n\t\treturn 0;\n${body("x < 1")}`)}`;
    expect(chainOf(minimumIn(HEAD + RING + filtered))[0]).toBe("5.8 RINGBUF maps");
  });

  test("a weak kfunc behind bpf_ksym_exists(), and what is chosen by the kernel's version", () => {
    const weak = "extern struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym __weak;\n";
    const body = "\tif (bpf_ksym_exists(bpf_task_acquire))\n\t\tbpf_task_acquire(0);";
    expect(minimumIn(HEAD + weak + program("tp_btf/x", body)).release).toBe("5.5");
    const version = `extern int LINUX_KERNEL_VERSION __kconfig;\n`;
    const choice = "\tif (LINUX_KERNEL_VERSION >= KERNEL_VERSION(5, 17, 0))\n\t\tbpf_loop(4, 0, 0, 0);";
    expect(chainOf(minimumIn(HEAD + version + program("kprobe/f", choice))).join()).not.toContain("bpf_loop");
  });

  test("what libbpf rewrites, and only libbpf does", () => {
    const text = HEAD + program("kprobe/f", "\tlong x;\n\tbpf_probe_read_kernel(&x, 8, 0);");
    const read = minimumIn(text).reasons.find(({ what }) => what.startsWith("bpf_probe_read"));
    expect(minimumIn(text).release).toBe("4.1");
    expect(read?.remark).toContain("turns it into bpf_probe_read()");
    expect(minimumIn(text, { loader: "aya" }).release).toBe("5.5");
  });

  test("programs that are loaded only when asked for, and what #if leaves out", () => {
    const found = minimumIn(
      `${HEAD}${program("kprobe/f", "")}SEC("?fentry/f") int other(void *ctx)\n{\n\treturn 0;\n}\n`,
    );
    expect(found.release).toBe("4.1");
    expect(found.programs.map(({ release, autoload }) => [release, autoload])).toEqual([
      ["4.1", true],
      ["5.5", false],
    ]);
    const guarded = "#ifdef NEW\n\tbpf_loop(4, 0, 0, 0);\n#endif";
    expect(minimumIn(HEAD + program("kprobe/f", guarded)).release).toBe("4.1");
  });

  test("programs of which nothing tells what they are; they are named", () => {
    const found = minimumIn(HEAD + program("mine", "\tbpf_loop(4, 0, 0, 0);"));
    expect([found.release, found.unknown]).toEqual([undefined, ["prog"]]);
  });
});

describe("what would lower it", () => {
  test("is worked out step by step, and ends at what the programs are", () => {
    const body = "\tbpf_loop(4, 0, 0, 0);\n\tbpf_get_current_cgroup_id();";
    const { lowered } = minimumIn(HEAD + program("kprobe/f", body));
    expect(loweredTexts(lowered)).toEqual([
      "without bpf_loop() in line 7: 4.18",
      "without bpf_get_current_cgroup_id() in line 8 as well: 4.1",
    ]);
  });

  test("a program goes with all that only it needs", () => {
    const found = minimumIn(
      `${HEAD}${program("kprobe/f", "")}SEC("fentry/g") int other(void *ctx)\n{\n\treturn bpf_get_attach_cookie(ctx);\n}\n`,
    );
    expect(loweredTexts(found.lowered).at(-1)).toMatch(/ as well: 4\.1$/);
  });

  test("one of two programs at the same place can be loaded", () => {
    const found = minimumIn(
      `${HEAD}${program("kprobe/do_exit", "")}SEC("fentry/do_exit") int other(void *ctx)\n{\n\treturn 0;\n}\n`,
    );
    expect(loweredTexts(found.lowered)[0]).toBe("with others in the place of program other in line 10: 4.1");
  });
});

describe("targets", () => {
  const on = (text: string, label: string): string => {
    const { answer, first } = onTarget(minimumIn(text), targetOf(label), kb, "libbpf");
    return first === undefined ? answer : `${answer}: ${first.what}: ${first.reason}`;
  };
  const ring = HEAD + RING + program("kprobe/f", "");

  test("a release is judged as the minimum says", () => {
    expect(on(ring, "5.7")).toBe("no: RINGBUF maps: first in 5.8");
    expect(on(ring, "5.8")).toBe("yes");
    const output = HEAD + RING + program("kprobe/f", "\tlong x = 0;\n\tbpf_ringbuf_output(&events, &x, 8, 0);");
    expect(on(output, "5.8")).toBe("yes");
  });

  test("a distribution by what was brought back to its kernel", () => {
    expect(on(ring, "rhel-8.6")).toBe("yes");
    expect(on(ring, "ubuntu-18.04")).toMatch(/^unknown: RINGBUF maps: first in 5\.8; /);
  });

  test("one without its types is not promised to run what needs them", () => {
    const text = HEAD + program("kprobe/f", "\tstruct task_struct *t = 0;\n\tBPF_CORE_READ(t, pid);");
    expect(on(text, "amazon-2-4.14")).toMatch(/^unknown: BPF_CORE_READ\(\): .* without a description of its types/);
    expect(on(text, "amazon-2-5.10")).toBe("yes");
  });
});

test("types of the kernel are told apart: they depend on how it was built", () => {
  const found = minimumIn(HEAD + program("kprobe/f", "\tstruct task_struct *t = 0;\n\tBPF_CORE_READ(t, pid);"));
  expect(found.btf?.what).toBe("BPF_CORE_READ()");
  expect(minimumIn(HEAD + program("kprobe/f", "")).btf).toBeUndefined();
});
