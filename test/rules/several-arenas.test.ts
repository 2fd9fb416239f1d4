import { expect, test } from "vitest";
import { severalArenas } from "../../server/src/analysis/rules/several-arenas.ts";
import { checkNoFindings, findingsIn } from "../support/check.ts";

const arena = (name: string) => `struct { __uint(type, BPF_MAP_TYPE_ARENA); } ${name} SEC(".maps");\n`;

test("the second and third are named", () => {
  const found = findingsIn(arena("a") + arena("b") + arena("c"), [severalArenas]);
  expect(found.map(({ message }) => message)).toEqual([
    "map b is a second arena: libbpf refuses the file",
    "map c is a second arena: libbpf refuses the file",
  ]);
});

test("silent about one, about alternatives and for other loaders", () => {
  checkNoFindings(severalArenas, arena("a"));
  checkNoFindings(severalArenas, `#ifdef X\n${arena("a")}#endif\n#ifndef X\n${arena("b")}#endif\n`);
  checkNoFindings(severalArenas, arena("a") + arena("b"), { loader: "cilium/ebpf" });
});
