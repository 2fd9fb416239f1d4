/** Loaders as C: for every kind of program there is, whatever things are called, gcc has nothing to say. */

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { loaderFile, writeLoaderFile } from "../../server/src/toolchain/loader/loader-file.ts";
import { makeSkeleton } from "../../server/src/toolchain/skeleton/skeleton.ts";
import { describedFile } from "../support/described.ts";
import { needTool, workIn } from "../support/tools.ts";

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "hookpoint loader-"));
afterAll(() => rmSync(folder, { recursive: true }));

const HEAD = "#include <linux/bpf.h>\n#include <stdbool.h>\n#include <bpf/bpf_helpers.h>\n";
const TAIL = '\nchar LICENSE[] SEC("license") = "GPL";\n';

/** Writes a source and all that comes of it; gives the loader and its text. */
async function made(
  name: string,
  source: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly text: string; readonly loader: string; readonly own: string }> {
  const own = mkdtempSync(join(folder, "case "));
  const path = join(own, name);
  for (const [file, text] of Object.entries({ ...headers, [name]: source })) writeFileSync(join(own, file), text);
  const {
    header,
    name: called,
    ok,
    output,
  } = await makeSkeleton([path], workIn(own), { kind: "c", name: "", force: false });
  expect([ok, output]).toEqual([true, ""]);
  const loader = loaderFile(path);
  await writeLoaderFile([await describedFile(path)], {
    source: path,
    path: loader,
    header,
    name: called,
    force: false,
  });
  return { text: readFileSync(loader, "utf8"), loader, own };
}

async function compiled(name: string, source: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const { text, loader, own } = await made(name, source, headers);
  const { stderr } = await run("gcc", ["-Wall", "-Wextra", "-Werror", loader, "-o", join(own, "loader"), "-lbpf"]);
  expect(stderr).toBe("");
  return text;
}

/** All that libbpf 1.1 knows, and a word of the loader that says how it is attached. */
const SECTIONS: readonly (readonly [section: string, word: string])[] = [
  ["xdp", "bpf_program__attach_xdp"],
  ["xdp.frags", "bpf_program__attach_xdp"],
  ["xdp/devmap", "__attach(skel)"],
  ["tc", "bpf_tc_attach"],
  ["classifier", "bpf_tc_attach"],
  ["tc/egress", "BPF_TC_EGRESS"],
  ["action", "is loaded, and not attached"],
  ["socket", "SO_ATTACH_BPF"],
  ["sk_lookup", "bpf_program__attach_netns"],
  ["flow_dissector", "bpf_program__attach_netns"],
  ["sk_reuseport", "SO_ATTACH_REUSEPORT_EBPF"],
  ["lwt_in", "is loaded, and not attached"],
  ["sockops", "bpf_program__attach_cgroup"],
  ["cgroup_skb/ingress", "bpf_program__attach_cgroup"],
  ["cgroup/sock_create", "bpf_program__attach_cgroup"],
  ["cgroup/bind4", "bpf_program__attach_cgroup"],
  ["cgroup/dev", "bpf_program__attach_cgroup"],
  ["cgroup/sysctl", "bpf_program__attach_cgroup"],
  ["cgroup/getsockopt", "bpf_program__attach_cgroup"],
  ["lsm_cgroup/socket_bind", "bpf_program__attach_cgroup"],
  ["kprobe/do_unlinkat", "without kprobes"],
  ["kprobe", "bpf_program__attach_kprobe"],
  ["kretprobe", "bpf_program__attach_kprobe"],
  ["kprobe.multi/tcp_*", "__attach(skel)"],
  ["ksyscall/openat", "without kprobes"],
  ["uprobe/libc.so.6:malloc", "no such function or probe in it"],
  ["uprobe", "bpf_program__attach_uprobe_opts"],
  ["uretprobe", "retprobe = true"],
  ["usdt", "bpf_program__attach_usdt"],
  ["tp/sched/sched_switch", "available_events"],
  ["raw_tp/sched_switch", "__attach(skel)"],
  ["tp_btf/sched_switch", "__attach(skel)"],
  ["fentry/do_unlinkat", "refuses fentry"],
  ["fmod_ret/bpf_modify_return_test", "refuses fentry"],
  ["lsm/file_open", "refuses fentry"],
  ["freplace/other", "--replace-in ID"],
  ["iter/task", "bpf_iter_create"],
  ["perf_event", "SYS_perf_event_open"],
  ["syscall", "bpf_prog_test_run_opts"],
];

describe("every kind of program has a loader that compiles", () => {
  test.concurrent.for(SECTIONS)('SEC("%s")', async ([section, word], ctx) => {
    needTool("bpftool", ctx);
    const text = await compiled("x.bpf.c", `${HEAD}SEC("${section}") int program(void *ctx) { return 0; }${TAIL}`);
    expect(text).toContain(word);
  });

  test("two of each at once", async () => {
    needTool("bpftool");
    const programs = SECTIONS.flatMap(([section], i) => [
      `SEC("${section}") int one_${i}(void *ctx) { return 0; }`,
      `SEC("${section}") int two_${i}(void *ctx) { return 0; }`,
    ]);
    const map =
      'struct { __uint(type, BPF_MAP_TYPE_SOCKMAP); __uint(max_entries, 1); __type(key, int); __type(value, int); } socks SEC(".maps");';
    const sockets = ["sk_msg", "sk_skb/stream_parser", "sk_skb/stream_verdict", "sk_skb"].map(
      (section, i) => `SEC("${section}") int socket_${i}(void *ctx) { return 1; }`,
    );
    await compiled("all.bpf.c", [HEAD, map, ...programs, ...sockets, TAIL].join("\n"));
  });
});

test("a program that another one calls, and one that is not loaded, are not attached", async () => {
  const source = `${HEAD}
SEC("xdp") int called(struct xdp_md *ctx) { return XDP_PASS; }
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, 4);
	__array(values, int (void *));
} table SEC(".maps") = { .values = { [0] = (void *)&called } };
SEC("?xdp") int idle(struct xdp_md *ctx) { return XDP_PASS; }
SEC("xdp") int entry(struct xdp_md *ctx) { bpf_tail_call(ctx, &table, 0); return XDP_PASS; }
SEC("xdp") int second(struct xdp_md *ctx) { return XDP_PASS; }${TAIL}`;
  const text = await compiled("x.bpf.c", source);
  expect(text).toContain("bpf_program__attach_xdp(skel->progs.entry, interface)");
  expect(text.match(/attach_xdp/g)).toHaveLength(1);
  expect(text).toContain("which is entry here: second is loaded, and not attached.");
});

test.each([
  "a b.bpf.c",

  "*／x.bpf.c",
  "%s %n.bpf.c",
  "größe.bpf.c",
  "back\\slash.bpf.c",
  "-v.bpf.c",
  "plain.c",
])("a source may be called %s", async (name) => {
  needTool("bpftool");
  const text = await compiled(name, `${HEAD}SEC("xdp") int program(void *ctx) { return 2; }${TAIL}`);
  expect(text).toContain(name === "plain.c" ? "plain_user.c" : "Loads ");
});

test("a quotation mark in a name is more than C can include", async () => {
  await expect(made('quote".bpf.c', `${HEAD}SEC("xdp") int program(void *ctx) { return 2; }${TAIL}`)).rejects.toThrow(
    'No loader for quote".bpf.c: C can include no file that has a quotation mark in its name.',
  );
});

describe("options", () => {
  test("constants become options by their types, and none that has a meaning already", async () => {
    const source = `${HEAD}
const volatile int interface = 1;
const volatile unsigned long long most_bytes = 7;
const volatile __s8 small = -1;
const volatile bool help = false;
const volatile char name[8] = "x";
const volatile char *pointer;
const int fixed = 3;
static const volatile int hidden = 4;
volatile int changing;
SEC("xdp") int program(void *ctx)
{
	return interface + most_bytes + small + help + name[0] + fixed + hidden + changing + (pointer != 0);
}${TAIL}`;
    const text = await compiled("x.bpf.c", source);
    const usage = [...text.matchAll(/^.*"\s+(?:-\w, )?\s*--(\S+)/gm)].map(([, option]) => option);
    expect(usage).toEqual(["interface", "set-interface", "most-bytes", "small", "set-help", "name", "verbose", "help"]);
    expect(text).toContain('read_number("small", optarg, -127LL - 1, 127LL, &number)');
    expect(text).toContain('read_number("most-bytes", optarg, 0, LLONG_MAX, &number)');
  });

  test("what is given wrong is said, and ends with 2", async () => {
    const source = `${HEAD}const volatile __u8 level = 1;
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1); __type(key, __u32); __type(value, __u32); } counts SEC(".maps");
SEC("xdp") int program(void *ctx) { __u32 k = level; return bpf_map_lookup_elem(&counts, &k) ? 1 : 2; }${TAIL}`;
    const { loader, own } = await made("x.bpf.c", source);
    const program = join(own, "loader");
    await run("gcc", [loader, "-o", program, "-lbpf"]);
    for (const [args, says] of [
      [["--level", "256"], "--level takes a number from 0 to 255, and was given 256"],
      [["--level", "x"], "--level takes a number from 0 to 255, and was given x"],
      [["--level", ""], "--level takes a number"],
      [["--entries", "nothing=4"], "--entries takes the name of a map, = and a number; it was given nothing=4"],
      [["--entries", "counts"], "--entries takes the name of a map"],
      [["--entries", "counts=0"], "--entries takes a number from 1 to 4294967295"],
      [["-i", "no such one"], "There is no network interface no such one; ip link lists them."],
      [[], "Give the network interface to work on: --interface NAME"],
      [["-i", "lo", "more"], "There is no use for more here."],
      [["--nonsense"], "Usage: x [OPTION]..."],
    ] as const)
      await expect(run(program, args), args.join(" ")).rejects.toMatchObject({
        code: 2,
        stderr: expect.stringContaining(says),
      });
    expect((await run(program, ["--help"])).stdout).toContain("--level NUMBER");
  });

  test("nobody but root may load: that is said", async (ctx) => {
    if (process.getuid?.() !== 0) return ctx.skip("needs root, to become somebody else");
    const { loader, own } = await made(
      "x.bpf.c",
      `${HEAD}SEC("raw_tp/sys_enter") int program(void *ctx) { return 0; }${TAIL}`,
    );
    const program = join(own, "loader");
    await run("gcc", [loader, "-o", program, "-lbpf"]);
    await expect(
      run("setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups", program]),
    ).rejects.toMatchObject({
      stderr: expect.stringMatching(/Operation not permitted\. Run it as root/),
    });
  });
});

describe("structures", () => {
  const sender = (include: string, type: string) => `${HEAD}${include}
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
SEC("raw_tp/sys_enter") int program(void *ctx)
{
	${type} *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);

	if (e)
		bpf_ringbuf_submit(e, 0);
	return 0;
}${TAIL}`;

  test("of a header for both are included, and the kernel's short names are defined for it", async () => {
    const header = "#ifndef E\n#define E\nstruct event { u32 pid; s64 left; u8 raw[3]; };\n#endif\n";
    const names = "typedef unsigned char u8;\ntypedef unsigned int u32;\ntypedef long long s64;\n";
    const text = await compiled("x.bpf.c", sender(`${names}#include "e.h"`, "struct event"), { "e.h": header });
    expect(text).toContain('#include "e.h"');
    expect(text).not.toContain("struct event {");
    expect(text).toContain("pid=%u left=%lld raw=");
  });

  test("of a header that defines short names itself are not defined twice", async () => {
    const header =
      "#pragma once\ntypedef unsigned long u64;\ntypedef unsigned int u32;\nstruct event { u32 pid; u64 left; };\n";
    const text = await compiled("x.bpf.c", sender('#include "e.h"', "struct event"), { "e.h": header });
    expect(text).not.toContain("typedef");
  });

  test("of a header for BPF alone are written again", async () => {
    const header =
      "#pragma once\n#include <bpf/bpf_helpers.h>\nstruct event { __u32 pid; void *where; struct { char a[4]; union { __u16 b; __u64 c; }; } in; };\n";
    const text = await compiled("x.bpf.c", sender('#include "e.h"', "struct event"), { "e.h": header });
    expect(text).not.toContain('#include "e.h"');
    expect(text).toContain("_Static_assert(sizeof(struct event) == 32,");
  });

  test("without a name but a typedef, and packed", async () => {
    const text = await compiled(
      "x.bpf.c",
      sender("typedef struct { __u8 a; __u64 b; } __attribute__((packed)) event_t;", "event_t"),
    );
    expect(text).toContain("_Static_assert(sizeof(event_t) == 9,");
  });

  test("that nobody knows are printed as bytes", async () => {
    const text = await compiled(
      "x.bpf.c",
      sender("struct event { __u32 pid; __u64 aligned __attribute__((aligned(16))); };", "struct event"),
    );
    expect(text).toContain("print_bytes(data, size);");
    expect(text).not.toContain("struct event");
  });

  test("in globals of the program do not keep the skeleton from compiling", async () => {
    const source = `${HEAD}typedef __u32 u32;
struct place { u32 x; char name[4]; };
struct place here = { .x = 1 };
u32 count;
SEC("raw_tp/sys_enter") int program(void *ctx) { count += here.x; return 0; }${TAIL}`;
    await compiled("x.bpf.c", source);
  });
});
