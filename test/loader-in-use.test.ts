/** What loads the programs where no setting says it. */

import { expect, test } from "vitest";
import { loadersInUse, marksLoader } from "../server/src/loader-in-use.ts";

const IN_GO = "module example.org/m\n\nrequire (\n\tgithub.com/cilium/ebpf v0.16.0\n)\n";

async function loaderIn(files: Readonly<Record<string, string>>, source = "file:///w/p/bpf/x.bpf.c") {
  return loadersInUse({ readText: async (uri) => files[uri] }).of(source);
}

test.each([
  ["go.mod", IN_GO, "cilium/ebpf"],
  ["go.mod", "require github.com/aquasecurity/libbpfgo v0.8.0-libbpf-1.5\n", "libbpfgo"],
  // It stands on cilium/ebpf, and is asked for beside it.
  ["go.mod", `${IN_GO}require github.com/DataDog/ebpf-manager v0.7.8\n`, "ebpf-manager"],
  ["go.mod", "require github.com/cilium/ebpf v0.16.0 // indirect\n", undefined],
  ["Cargo.toml", '[dependencies]\naya = "0.13"\n', "aya"],
  ["Cargo.toml", '[workspace.dependencies]\naya.workspace = true\nlibbpf-rs = "0.24"\n', "aya"],
  ["Cargo.toml", '[dependencies.aya]\nversion = "0.13"\n', "aya"],
  ["Cargo.toml", '[build-dependencies]\nlibbpf-cargo = "0.24"\n', "libbpf"],
  ["Cargo.toml", '[dependencies]\npapaya = "0.1"\n', undefined],
  ["Cargo.lock", '[[package]]\nname = "aya"\nversion = "0.13.1"\n', "aya"],
  ["gadget.yaml", "", "cilium/ebpf"],
])("%s with %j says %s", async (file, text, loader) => {
  expect(await loaderIn({ [`file:///w/p/${file}`]: text })).toBe(loader);
});

test("the nearest folder that says something counts", async () => {
  const files = {
    "file:///w/go.mod": IN_GO,
    "file:///w/p/go.mod": "module example.org/tools\n",
    "file:///w/p/rust/Cargo.toml": '[dependencies]\naya = "0.13"\n',
  };
  expect(await loaderIn(files)).toBe("cilium/ebpf");
  expect(await loaderIn(files, "file:///w/p/rust/x.bpf.c")).toBe("aya");
  expect(await loaderIn(files, "file:///elsewhere/x.bpf.c")).toBeUndefined();
  expect(await loaderIn(files, "untitled:Untitled-1")).toBeUndefined();
});

test("what was read is kept until it is to be forgotten", async () => {
  const files: Record<string, string> = {};
  const loaders = loadersInUse({ readText: async (uri) => files[uri] });
  expect(await loaders.of("file:///w/x.bpf.c")).toBeUndefined();
  files["file:///w/go.mod"] = IN_GO;
  expect(await loaders.of("file:///w/x.bpf.c")).toBeUndefined();
  loaders.clear();
  expect(await loaders.of("file:///w/x.bpf.c")).toBe("cilium/ebpf");
});

test("changes of these files are told from others", () => {
  expect(
    ["go.mod", "Cargo.toml", "Cargo.lock", "gadget.yaml", "go.sum", "x.c"].map((name) =>
      marksLoader(`file:///w/${name}`),
    ),
  ).toEqual([true, true, true, true, false, false]);
});
