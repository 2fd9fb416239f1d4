import { expect, test } from "vitest";
import { modelOf } from "../../support/check.ts";

const size = (source: string, type: string): number | undefined => modelOf(source).layoutOf(type)?.size;

test("scalars, pointers and arrays", () => {
  const sizes = {
    u8: 1,
    __be16: 2,
    int: 4,
    "unsigned int": 4,
    long: 8,
    "unsigned long long": 8,
    "struct x *": 8,
    "char[16]": 1 * 16,
  };
  for (const [type, bytes] of Object.entries(sizes)) expect(size("", type), type).toBe(bytes);
  expect(size("", "u32[3][2]")).toBe(24);
  expect(size("", "int (*)(void *)")).toBe(8);
  expect(size("", "const volatile u64")).toBe(8);
});

test("what is not known has no size", () => {
  expect(size("", "struct task_struct")).toBeUndefined();
  expect(size("struct s { struct task_struct t; };", "struct s")).toBeUndefined();
  expect(size("", "constructor")).toBeUndefined();
  expect(size("", "char[N]")).toBeUndefined();
});

test("fields are aligned and the whole is padded", () => {
  expect(size("struct s { char a; u64 b; char c; };", "struct s")).toBe(24);
  expect(size("struct s { char a; u16 b; char c; u32 d; };", "struct s")).toBe(12);
  expect(size("struct s { };", "struct s")).toBe(0);
});

test("packed and aligned count, wherever they stand", () => {
  expect(size("struct s { char a; u64 b; } __attribute__((packed));", "struct s")).toBe(9);
  expect(size("struct __attribute__((packed)) s { char a; u64 b; };", "struct s")).toBe(9);
  expect(size("struct s { char a; u64 b; } __packed;", "struct s")).toBe(9);
  expect(size("struct s { char a; } __attribute__((aligned(8)));", "struct s")).toBe(8);
  expect(size("struct s { char a; u32 b __attribute__((aligned(16))); };", "struct s")).toBe(32);
});

test("unions, nested and unnamed records, typedefs", () => {
  expect(size("union u { u32 a; char b[6]; };", "union u")).toBe(8);
  expect(size("struct s { u8 a; struct { u32 b; union { u64 c; u8 d; }; }; };", "struct s")).toBe(24);
  expect(size("typedef struct { u32 a, b; } pair_t, *pair_p;", "pair_t")).toBe(8);
  expect(size("typedef struct { u32 a, b; } pair_t, *pair_p;", "pair_p")).toBe(8);
  expect(size("typedef u64 id; struct s { id a; u8 b; };", "struct s")).toBe(16);
});

test("bit fields share their unit and do not cross it", () => {
  expect(size("struct s { u32 a : 3, b : 5; u32 c : 24; };", "struct s")).toBe(4);
  expect(size("struct s { u8 a : 4; u8 b : 5; };", "struct s")).toBe(2);
  expect(size("struct s { u32 a : 1; u32 : 0; u32 b : 1; };", "struct s")).toBe(8);
  expect(size("struct s { u64 a : 40; u64 : 24; u8 c; };", "struct s")).toBe(16);
});

test("bounds are constant expressions", () => {
  const source = "#define N (1 << 3)\nenum { M = 2, K };\nstruct s { char a[N * K + sizeof(u32)]; };";
  expect(size(source, "struct s")).toBe(28);
});

test("a type that holds itself ends without a size", () => {
  expect(size("struct s { struct s a; };", "struct s")).toBeUndefined();
  expect(size("typedef a b; typedef b a;", "a")).toBeUndefined();
});

test("padding is what belongs to no field", () => {
  const padding = (source: string) => modelOf(source).layoutOf("struct s")?.padding;
  expect(padding("struct s { u32 a; u64 b; u8 c; };")).toBe(11);
  expect(padding("struct s { u64 a; u32 b, c; };")).toBe(0);
  expect(padding("struct s { struct { u8 a; u32 b; } x[2]; };")).toBe(6);
  expect(padding("struct s { u32 a : 8; u32 : 24; };")).toBe(3);
});

test("types that double at each level, and long enumerations, cost nothing", () => {
  const levels = Array.from({ length: 30 }, (_, i) => `struct s${i + 1} { struct s${i} a, b; };`).join("\n");
  expect(size(`struct s0 { u8 a; };\n${levels}`, "struct s30")).toBe(2 ** 30);
  const doubled = Array.from({ length: 30 }, (_, i) => `#define A${i + 1}(x) A${i}(x) + A${i}(x)`).join("\n");
  expect(size(`#define A0(x) x\n${doubled}`, "char[A30(1)]")).toBeUndefined();
  const names = Array.from({ length: 200 }, (_, i) => `V${i}`).join(", ");
  expect(size(`enum { ${names} };`, "char[V199]")).toBe(199);
});
