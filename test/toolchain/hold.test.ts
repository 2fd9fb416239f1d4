/** Loading to stay, as far as it needs no kernel: names, places, reasons, results, and a program that runs until nobody wants it. */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { errnoText } from "../../server/src/toolchain/agent/errno.ts";
import { eventOf, type NotAttached } from "../../server/src/toolchain/agent/held.ts";
import { holdName } from "../../server/src/toolchain/agent/hold.ts";
import { loadedText } from "../../server/src/toolchain/agent/loaded-text.ts";
import { bytesOfHex } from "../../server/src/toolchain/agent/ran-text.ts";
import { changeOf, returnedText } from "../../server/src/toolchain/agent/returned.ts";
import { waysOf, whereText } from "../../server/src/toolchain/agent/ways.ts";
import { whyNotAttached } from "../../server/src/toolchain/agent/why-not-attached.ts";
import { whyNotLoaded } from "../../server/src/toolchain/agent/why-not-loaded.ts";
import { cgroupFolders } from "../../server/src/toolchain/cgroups.ts";
import { networkInterfaces } from "../../server/src/toolchain/interfaces.ts";
import { ToolProblem } from "../../server/src/toolchain/problem.ts";
import { runLong } from "../../server/src/toolchain/run.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint hold-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A program of a few lines that writes down how it ended. */
function talker(script: string, onLine: (line: string) => void, patienceMs = 2000) {
  return runLong(process.execPath, ["-e", script], { cwd: folder, onLine, patienceMs });
}

test("a long run: lines go both ways, and the end of its input is its end", async () => {
  const lines: string[] = [];
  const echo = "process.stdin.on('data', (d) => process.stdout.write('said ' + d)).on('end', () => process.exit(3))";
  const going = talker(echo, (line) => lines.push(line));
  going.send("größe 'n $(x)");
  await expect.poll(() => lines, { timeout: 30_000 }).toEqual(["said größe 'n $(x)"]);
  expect(await going.end()).toEqual({ code: 3, stderr: "" });
});

test("a long run that does not heed the end is ended", async () => {
  const lines: string[] = [];
  const deaf = "process.on('SIGTERM', () => console.log('deaf')); setInterval(() => {}, 1000); console.log('up')";
  const going = talker(deaf, (line) => lines.push(line), 100);
  await expect.poll(() => lines, { timeout: 30_000 }).toEqual(["up"]);
  expect((await going.end()).code).toBeUndefined();
  expect(lines).toEqual(["up", "deaf"]);
});

test("a long run that ends by itself, and one that cannot start", async () => {
  expect(await talker("console.error('why'); process.exitCode = 4", () => undefined).ended).toEqual({
    code: 4,
    stderr: "why\n",
  });
  await expect(
    runLong(join(folder, "none"), [], { cwd: folder, onLine: () => undefined, patienceMs: 1 }).ended,
  ).rejects.toThrow("ENOENT");
});

test.each([
  ["/a/b/my prog.bpf.o", "my_prog"],
  ["x.o", "x"],
  ["größe.bpf.o", "größe"],
  ["--all.bpf.o", "_-all"],
  ["a.b.c.o", "a_b_c"],
  [".bpf.o", "object"],
  [`${"x".repeat(200)}.o`, "x".repeat(40)],
])("%s is held as %s", (object, name) => {
  expect(holdName(object)).toBe(name);
  expect(holdName(name)).toBe(name);
});

test("lines of the agent: what is none of ours is left, what is cut is said", () => {
  expect(eventOf('{"agent":1}')).toBeUndefined();
  expect(eventOf("")).toBeUndefined();
  expect(eventOf('{"event":"gone","name":"x","left":0}')).toEqual({ event: "gone", name: "x", left: 0 });
  expect(() => eventOf('{"event":"go')).toThrow(ToolProblem);
});

test("where a program can be attached is known by its type", () => {
  const words = (type: number, attachType = 0) => waysOf({ type, attachType }).map(({ word }) => word);
  expect(words(6, 37)).toEqual(["xdp"]);
  expect(words(6, 35)).toEqual([]);
  expect(words(3)).toEqual(["tcx", "tc"]);
  expect(words(26, 28)).toEqual(["iter"]);
  expect(words(26, 24)).toEqual(["auto"]);
  expect(words(29, 43)).toEqual(["cgroup"]);
  expect(words(31)).toEqual([]);
  const [xdp] = waysOf({ type: 6, attachType: 37 });
  expect(xdp && whereText(xdp, "eth0", "native")).toBe("xdp:eth0:native");
  expect(xdp && whereText(xdp, "eth0", "")).toBe("xdp:eth0");
});

const failed = (to: string, error: number, more: Partial<NotAttached> = {}): NotAttached => ({
  event: "failed",
  name: "p",
  to,
  error,
  why: "",
  words: "",
  ...more,
});

test("why something was not attached", async () => {
  expect(await whyNotAttached(failed("xdp:lo", 16))).toBe(
    "p cannot be attached to xdp:lo: another XDP program is attached to this interface already (EBUSY)",
  );
  expect(await whyNotAttached(failed("xdp:x", 19, { why: 'there is no interface "x"' }))).toBe(
    'p cannot be attached to xdp:x: there is no interface "x"',
  );
  const words =
    "libbpf: failed to add legacy kprobe event for 'x+0x0': No such file or directory\nlibbpf: prog 'p': failed to create kprobe 'x+0x0' perf event: No such file or directory\n";
  expect(await whyNotAttached(failed("auto", 2, { words }))).toBe(
    "p cannot be attached as its section says: the kernel has no such function, or it was built without kprobes (ENOENT; prog 'p': failed to create kprobe 'x+0x0' perf event: No such file or directory)",
  );
  expect(await whyNotAttached(failed("cgroup:/x", 999))).toBe(
    "p cannot be attached to cgroup:/x: the kernel does not do it (error 999)",
  );
  expect(await whyNotAttached(failed("stay", 95, { why: "there is no bpffs" }))).toBe(
    "p cannot stay: there is no bpffs",
  );
});

test("why nothing was loaded: the first that libbpf said, which the rest only follows from", () => {
  const words = "libbpf: prog 'x': BPF program load failed: Permission denied\nlibbpf: failed to load object 'x.o'\n";
  expect(whyNotLoaded({ event: "refused", error: 13, why: "", words })).toBe(
    "Nothing was loaded: prog 'x': BPF program load failed: Permission denied; permission denied (EACCES)",
  );
  expect(errnoText(524)).toBe("not supported (ENOTSUPP)");
  expect(errnoText(95)).toBe("operation not supported (EOPNOTSUPP)");
});

test("what a run has returned and changed", () => {
  expect(returnedText({ type: 6, returned: 2 })).toBe("2 (XDP_PASS)");
  expect(returnedText({ type: 3, returned: 0xffffffff })).toBe("-1 (TC_ACT_UNSPEC)");
  expect(returnedText({ type: 17, returned: 2 })).toBe("2");
  const zeros = "00".repeat(20);
  expect(changeOf({ type: 6, input: zeros, data: zeros })).toBe("the packet is unchanged");
  expect(changeOf({ type: 6, input: zeros, data: `01${zeros.slice(2)}` })).toBe("1 of 20 bytes changed, from byte 0");
  // The kernel gives their Ethernet header back as zeros.
  expect(changeOf({ type: 8, input: `01${zeros.slice(2)}`, data: zeros })).toBe("the packet is unchanged");
  expect(changeOf({ type: 6, input: zeros, data: zeros.slice(4) })).toBe("20 bytes became 18");
  expect(changeOf({ type: 31, input: "" })).toBeUndefined();
});

test("bytes as people write them", () => {
  for (const text of ["01ff", "01 FF", "01:ff", "0x01, 0xff", " 01\n ff "])
    expect(bytesOfHex(text)?.toString("hex")).toBe("01ff");
  for (const text of ["", "0", "xy", "01 f"]) expect(bytesOfHex(text), text).toBeUndefined();
});

test("what is loaded, as a text", () => {
  const one = { event: "attached", number: 1, name: "p", to: "tc:eth0:ingress", here: 0 } as const;
  const program = { name: "p", id: 7, type: 3, pinned: "/sys/fs/bpf/hookpoint/x/programs/p" };
  const loaded = {
    name: "x",
    object: "/a/x.o",
    since: 0,
    state: "left",
    holder: undefined,
    programs: [program],
    maps: [],
    attached: [one],
  } as const;
  expect(loadedText(loaded)).toBe(
    "x: left behind by a process that was killed, since 1970-01-01T00:00:00Z\n  object /a/x.o\n" +
      "  program p (id 7) /sys/fs/bpf/hookpoint/x/programs/p\n  p was attached to tc:eth0:ingress, in another network namespace\n",
  );
});

test("interfaces: of our network, with what is known of them", async () => {
  const top = join(folder, "net");
  const write = (path: string, text: string): void => {
    mkdirSync(join(top, path, ".."), { recursive: true });
    writeFileSync(join(top, path), text);
  };
  const list = ["eth0", "lo", "veth1", "vlan5", "hidden"].map((name) => `  ${name}: 0 0 0\n`).join("");
  write("proc/self/net/dev", `Inter-|   Receive\n face |bytes packets\n${list}`);
  const about = (name: string, flags: string, own: number, peer: number): void => {
    for (const [file, text] of Object.entries({ flags, ifindex: own, iflink: peer }))
      write(`sys/class/net/${name}/${file}`, `${text}\n`);
  };
  about("eth0", "0x1003", 2, 2);
  about("lo", "0x9", 1, 1);
  about("veth1", "0x1002", 4, 9);
  about("vlan5", "0x1003", 5, 2);
  symlinkSync("../eth0", join(top, "sys/class/net/vlan5/lower_eth0"));
  const plain = { isUp: true, isLoopback: false, isPair: false };
  expect(await networkInterfaces(top)).toEqual([
    { name: "eth0", ...plain },
    { name: "hidden", ...plain },
    { name: "lo", ...plain, isLoopback: true },
    { name: "veth1", ...plain, isUp: false, isPair: true },
    { name: "vlan5", ...plain },
  ]);
  expect(await networkInterfaces(join(folder, "nowhere"))).toEqual([]);
});

test("cgroups: the root first, and no more than somebody looks through", async () => {
  const top = join(folder, "cgroup two");
  mkdirSync(join(top, "b", "c"), { recursive: true });
  mkdirSync(join(top, "a"));
  writeFileSync(join(top, "cgroup.procs"), "");
  const mounts = join(folder, "mounts");
  writeFileSync(mounts, `tmpfs /tmp tmpfs rw 0 0\ncgroup2 ${top.replaceAll(" ", "\\040")} cgroup2 rw 0 0\n`);
  expect(await cgroupFolders(mounts)).toEqual([top, join(top, "a"), join(top, "b"), join(top, "b", "c")]);
  expect(await cgroupFolders(join(folder, "none"))).toEqual([]);
});
