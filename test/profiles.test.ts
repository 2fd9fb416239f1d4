/** Kernels that are looked at: this machine's, and a probe's file. */

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { btfNames } from "../server/src/analysis/btf/names.ts";
import { profileReader } from "../server/src/profiles.ts";

/** BTF with these strings and no types. */
function btf(names: readonly string[], little = true): Uint8Array {
  const strings = new TextEncoder().encode(`\0${names.join("\0")}\0`);
  const bytes = new Uint8Array(24 + strings.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xeb9f, little);
  view.setUint32(4, 24, little);
  view.setUint32(20, strings.length, little);
  bytes.set(strings, 24);
  return bytes;
}

function host(files: Readonly<Record<string, string | Uint8Array>>) {
  return {
    readText: async (uri: string) => {
      const found = files[uri];
      return typeof found === "string" ? found : undefined;
    },
    readBytes: async (uri: string) => {
      const found = files[uri];
      return typeof found === "string" ? undefined : found;
    },
  };
}

const disk = {
  readText: (uri: string) => readFile(fileURLToPath(uri), "utf8").catch(() => undefined),
  readBytes: (uri: string) => readFile(fileURLToPath(uri)).catch(() => undefined),
};

test("names come from either byte order, and only those that programs can name", () => {
  for (const little of [true, false])
    expect([...(btfNames(btf(["BPF_FUNC_loop", "task_struct", "bpf_obj_new_impl"], little)) ?? [])]).toEqual([
      "BPF_FUNC_loop",
      "bpf_obj_new_impl",
    ]);
});

test("what is no BTF, or is cut off, gives nothing", () => {
  expect(btfNames(new Uint8Array(10))).toBeUndefined();
  expect(btfNames(new TextEncoder().encode("not BTF at all, only some text"))).toBeUndefined();
  const whole = btf(["BPF_FUNC_loop"]);
  for (let length = 0; length < whole.length; length++) expect(btfNames(whole.slice(0, length))).toBeUndefined();
});

test("this machine's release, names and configuration, packed or not", async () => {
  const config = "CONFIG_BPF=y\n# CONFIG_BPF_LSM is not set\nCONFIG_HZ=250\n";
  const files = {
    "file:///proc/sys/kernel/osrelease": "6.1.0-9-amd64\n",
    "file:///sys/kernel/btf/vmlinux": btf(["BPF_A"]),
  };
  for (const where of [
    { "file:///proc/config.gz": new Uint8Array(gzipSync(config)) },
    { "file:///boot/config-6.1.0-9-amd64": config },
  ]) {
    const profile = (await profileReader(host({ ...files, ...where })).of(["host"], "file:///w/")).get("host");
    if (typeof profile !== "object") throw new Error(profile);
    expect(profile.release).toBe("6.1.0-9-amd64");
    expect([...(profile.names ?? [])]).toEqual(["BPF_A"]);
    expect(Object.fromEntries(profile.config ?? [])).toEqual({ CONFIG_BPF: "y", CONFIG_HZ: "250" });
  }
});

test("a machine without Linux, a missing file and a damaged one say so", async () => {
  const reader = profileReader(host({ "file:///w/bad.json": "{", "file:///proc/config.gz": new Uint8Array([1, 2]) }));
  const profiles = await reader.of("host, gone.json, bad.json, 5.15", "file:///w/hookpoint.json");
  expect(Object.fromEntries(profiles)).toEqual({
    host: expect.stringContaining("no Linux kernel"),
    "gone.json": expect.stringContaining("no such file"),
    "bad.json": expect.stringContaining("no JSON"),
  });
});

test("a probe lies beside the file that names it, and is read once", async () => {
  const probe = '{"program_types":{"have_xdp_prog_type":true}}';
  let reads = 0;
  const reader = profileReader({
    readBytes: async () => undefined,
    readText: async (uri) => {
      reads++;
      return uri === "file:///w/kernels/old.json" ? probe : undefined;
    },
  });
  for (let n = 0; n < 3; n++) {
    const found = await reader.of(["kernels/old.json"], "file:///w/hookpoint.json");
    expect(found.get("kernels/old.json")).toMatchObject({ probe: expect.any(Object) });
  }
  expect(reads).toBe(1);
});

test.skipIf(!existsSync("/sys/kernel/btf/vmlinux"))(
  "this very kernel has its helpers and types among the names",
  async () => {
    const profile = (await profileReader(disk).of("host", "file:///")).get("host");
    if (typeof profile !== "object") throw new Error(profile);
    expect(profile.release).toMatch(/^\d+\.\d+/);
    expect(profile.names).toContain("BPF_FUNC_map_lookup_elem");
    expect(profile.names).toContain("BPF_MAP_TYPE_HASH");
  },
);
