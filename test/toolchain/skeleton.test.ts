/** Skeletons by the real clang and bpftool: what they are called, what is in the way, and what goes wrong, in words. */

import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Work } from "../../server/src/toolchain/choices.ts";
import { skeletonName } from "../../server/src/toolchain/skeleton/name.ts";
import { makeSkeleton, type SkeletonOptions } from "../../server/src/toolchain/skeleton/skeleton.ts";
import { needTool, workIn } from "../support/tools.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint skeleton-"));
afterAll(() => rmSync(folder, { recursive: true }));

const C: SkeletonOptions = { kind: "c", name: "", force: false };
const HEAD = "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n";
const TAIL = 'char LICENSE[] SEC("license") = "GPL";\n';
const PASS = `${HEAD}int hits;\nSEC("xdp") int pass(struct xdp_md *ctx) { hits++; return XDP_PASS; }\n${TAIL}`;

/** Files in a folder of its own; gives their paths. */
function files(texts: Readonly<Record<string, string>>): readonly string[] {
  const own = mkdtempSync(join(folder, "case "));
  return Object.entries(texts).map(([name, text]) => {
    const path = join(own, name);
    writeFileSync(path, text);
    return path;
  });
}

const one = (name: string, text: string): string => files({ [name]: text })[0] ?? "";
const beside = (path: string): readonly string[] => readdirSync(join(path, "..")).sort();
const work = (path: string, choices: Partial<Work["choices"]> = {}): Work => workIn(join(path, ".."), choices);

/** A C program that includes a header compiles with it. */
function includes(header: string, use = "return 0;"): void {
  const path = join(header, "..", "user.c");
  // A light skeleton leaves that to its user.
  writeFileSync(
    path,
    `#include <errno.h>\n#include "${header.slice(header.lastIndexOf("/") + 1)}"\nint main(void) { ${use} }\n`,
  );
  execFileSync("gcc", ["-Wall", "-Wno-unused-function", "-Werror", "-c", path, "-o", join(header, "..", "user.o")]);
}

describe("names", () => {
  test.each([
    ["a-b.bpf.c", "a_b_bpf"],
    ["a.b.c", "a_b_bpf"],
    ["7up.bpf.c", "_7up_bpf"],
    ["größe.bpf.c", "gr__e_bpf"],
    ["int.bpf.c", "int_bpf"],
    [`${"x".repeat(80)}.bpf.c`, `${"x".repeat(59)}_bpf`],
  ])("%s is %s in C", (file, name) => expect(skeletonName(file)).toBe(name));

  test.each(["a b", "9x", "", "struct", "x".repeat(64)])("a skeleton is not called %j", async (name) => {
    const path = one("x.bpf.c", PASS);
    if (name === "") return expect((await makeSkeleton([path], work(path), C)).name).toBe("x_bpf");
    await expect(makeSkeleton([path], work(path), { ...C, name })).rejects.toThrow(/cannot be called|is too long/);
    expect(beside(path)).toEqual(["x.bpf.c"]);
  });

  test("two sources of one name in C are said to be so", async () => {
    needTool("bpftool");
    const [path = ""] = files({ "a-b.bpf.c": PASS, "a_b.bpf.c": PASS });
    const { notes } = await makeSkeleton([path], work(path), C);
    expect(notes).toEqual([
      "a-b.bpf.c and a_b.bpf.c are both called a_b_bpf in C: no program can include both skeletons. Give one another name.",
    ]);
  });
});

test.each(["a b.bpf.c", "q'uo\"te.bpf.c", "$(touch pwned).bpf.c", "größe-字.bpf.c", "-o.bpf.c"])(
  "the skeleton of %s is made beside it, without DWARF",
  async (name) => {
    needTool("bpftool");
    const path = one(name, PASS);
    const { ok, header } = await makeSkeleton([path], work(path), C);
    expect(ok).toBe(true);
    expect(beside(path)).toEqual([name, name.replace(/c$/, "o"), name.replace(/bpf\.c$/, "skel.h")].sort());
    const text = readFileSync(header, "utf8");
    expect(text).toContain("struct bpf_program *pass;");
    expect(text).not.toContain(".debug_info");
  },
);

test.each([
  ["c", "x.skel.h", "struct x_bpf *s = x_bpf__open_and_load(); x_bpf__destroy(s); return 0;"],
  ["light", "x.lskel.h", "struct x_bpf *s = x_bpf__open_and_load(); x_bpf__destroy(s); return 0;"],
  ["sub", "x.subskel.h", "struct x_bpf *s = x_bpf__open(0); x_bpf__destroy(s); return 0;"],
] as const)("a skeleton of kind %s is %s, and compiles", async (kind, name, use) => {
  needTool("bpftool");
  const path = one("x.bpf.c", PASS);
  const { header } = await makeSkeleton([path], work(path), { ...C, kind });
  expect(header).toBe(join(path, "..", name));
  includes(header, use);
});

test("several sources become one object, named as is asked", async () => {
  needTool("bpftool");
  const other = `${HEAD}extern int hits;\nSEC("socket") int look(struct __sk_buff *skb) { return hits; }\n${TAIL}`;
  const [first = "", second = ""] = files({ "a.bpf.c": PASS, "b.bpf.c": other });
  const { header } = await makeSkeleton([first, second], work(first), { ...C, name: "both" });
  expect(header).toBe(join(first, "..", "both.skel.h"));
  const text = readFileSync(header, "utf8");
  expect(text).toContain("struct bpf_program *pass;");
  expect(text).toContain("struct bpf_program *look;");
});

describe("what is in the way", () => {
  test("a skeleton is made anew, and a file of the person's stays unless they say otherwise", async () => {
    needTool("bpftool");
    const path = one("x.bpf.c", PASS);
    const { header } = await makeSkeleton([path], work(path), C);
    await makeSkeleton([path], work(path), C);
    writeFileSync(header, "/* by hand */\n");
    await expect(makeSkeleton([path], work(path), C)).rejects.toThrow(
      "x.skel.h is there already, and was not generated: it is not written over.",
    );
    expect(readFileSync(header, "utf8")).toBe("/* by hand */\n");
    await makeSkeleton([path], work(path), { ...C, force: true });
    expect(readFileSync(header, "utf8")).toContain("x_bpf__open");
  });

  test("a failed build leaves the last skeleton", async () => {
    needTool("bpftool");
    const path = one("x.bpf.c", PASS);
    const { header } = await makeSkeleton([path], work(path), C);
    const before = readFileSync(header, "utf8");
    writeFileSync(path, "int f(void) { return y; }\n");
    const { ok, output } = await makeSkeleton([path], work(path), C);
    expect([ok, output]).toEqual([false, expect.stringContaining("use of undeclared identifier 'y'")]);
    expect(readFileSync(header, "utf8")).toBe(before);
  });

  test.each(["gen object", "gen skeleton"])("cancelled at bpftool %s nothing is left but the object", async (step) => {
    needTool("bpftool");
    const path = one("x.bpf.c", PASS);
    const abort = new AbortController();
    const log = (text: string): void => {
      if (text.includes(step)) abort.abort();
    };
    await expect(makeSkeleton([path], { ...work(path), signal: abort.signal, log }, C)).rejects.toThrow("Cancelled.");
    expect(beside(path)).toEqual(["x.bpf.c", "x.bpf.o"]);
  });
});

describe("what goes wrong", () => {
  const map = (words: string) =>
    `${HEAD}${words} { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1); __type(key, __u32); __type(value, __u32); } counts SEC(".maps");
SEC("xdp") int pass(struct xdp_md *ctx) { __u32 k = 0; return bpf_map_lookup_elem(&counts, &k) ? 1 : 2; }\n${TAIL}`;

  test("a static map", async () => {
    needTool("bpftool");
    const path = one("x.bpf.c", map("static struct"));
    await expect(makeSkeleton([path], work(path), C)).rejects.toThrow(
      "No skeleton of x.bpf.c: the map counts is static, and libbpf takes none that are.",
    );
    expect(beside(path)).toEqual(["x.bpf.c", "x.bpf.o"]);
  });

  test("an object without BTF", async () => {
    needTool("bpftool");
    const path = one("x.bpf.c", PASS);
    await expect(makeSkeleton([path], work(path, { flags: ["-g0"] }), C)).rejects.toThrow(/has no BTF.*flag -g/);
  });

  test("two definitions of one name", async () => {
    needTool("bpftool");
    const [first = "", second = ""] = files({ "a.bpf.c": PASS, "b.bpf.c": PASS });
    await expect(makeSkeleton([first, second], work(first), C)).rejects.toThrow(
      /No skeleton of a\.bpf\.c, b\.bpf\.c: two of the files define (?:pass|hits)/,
    );
  });

  test("no bpftool, one that is too old, one that is none, and one that fails without a word", async () => {
    needTool("clang");
    const path = one("x.bpf.c", PASS);
    const fake = (name: string, script: string): string => {
      const program = join(folder, name);
      writeFileSync(program, `#!/bin/sh\n${script}\n`);
      chmodSync(program, 0o755);
      return program;
    };
    const version = (text: string): string => `[ "$1" = version ] && { echo "bpftool v${text}"; exit 0; }`;
    for (const [bpftool, says] of [
      [join(folder, "nowhere"), "cannot be run: there is no such program."],
      [fake("old", `${version("5.4.0")}\nexit 0`), "is version 5.4.0, and 5.13 is the oldest that will do."],
      [fake("none", "echo hello"), "does not say its version, as bpftool would."],
      [
        fake("mute", `${version("7.4.0")}\nexit 3`),
        "No skeleton of x.bpf.c: bpftool gen object failed: it says nothing",
      ],
      [
        fake(
          "extra",
          `${version("7.4.0")}\necho "libbpf: map 'm': attr 'map_extra': expected PTR, got enum64." >&2; exit 1`,
        ),
        "a map has a map_extra that this bpftool cannot read, as arenas have it. A newer bpftool than 7.4.0 may do it.",
      ],
      [
        fake("unknown", `${version("7.4.0")}\necho 'Usage: bpftool gen { COMMAND | help }' >&2; exit 1`),
        "bpftool 7.4.0 does not know how. A newer bpftool than 7.4.0 may do it.",
      ],
    ] as const) {
      await expect(makeSkeleton([path], work(path, { bpftool }), C), bpftool).rejects.toThrow(says);
      expect(existsSync(join(path, "..", "x.skel.h"))).toBe(false);
    }
  });

  test("a section that an older bpftool would pass over", async () => {
    needTool("clang");
    const program = join(folder, "older");
    writeFileSync(program, '#!/bin/sh\n[ "$1" = version ] && { echo "bpftool v7.1.0"; exit 0; }\nexit 1\n');
    chmodSync(program, 0o755);
    const path = one("x.bpf.c", `${PASS}struct ops { int x; } o SEC(".struct_ops.link") = {};\n`);
    await expect(makeSkeleton([path], work(path, { bpftool: program }), C)).rejects.toThrow(
      'No skeleton of x.bpf.c: bpftool 7.1.0 does not know SEC(".struct_ops.link"), which came with 7.2.',
    );
  });

  test("what is no object: the compiler's flags may ask for something else", async () => {
    needTool("bpftool");
    for (const flag of ["-S", "-E", "-emit-llvm"]) {
      const path = one("x.bpf.c", PASS);
      await expect(makeSkeleton([path], work(path, { flags: [flag] }), C), flag).rejects.toThrow(
        /^No skeleton of x\.bpf\.c: /,
      );
      expect(existsSync(join(path, "..", "x.skel.h"))).toBe(false);
    }
  });
});

test("what is made on the way is taken away, also when it fails", async () => {
  needTool("bpftool");
  const own = join(folder, "tmp");
  mkdirSync(own);
  const saved = process.env["TMPDIR"];
  const path = one("x.bpf.c", PASS);
  process.env["TMPDIR"] = own;
  try {
    expect(tmpdir()).toBe(own);
    await makeSkeleton([path], work(path), C);
    await expect(makeSkeleton([path], work(path, { flags: ["-g0"] }), C)).rejects.toThrow("has no BTF");
  } finally {
    if (saved === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = saved;
  }
  expect(readdirSync(own)).toEqual([]);
});
