import { test } from "vitest";
import { objectNotAStruct } from "../../server/src/analysis/rules/object-not-a-struct.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

test("flags the type", () => {
  checkRule(
    objectNotAStruct,
    `
struct big { char bytes[600]; };
struct two { int a; char *b; };
union u { int a; };
int f(void *ctx)
{
    bpf_percpu_obj_new(struct big);
//                     ^^^^^^^^^^ struct big has 600 bytes, more than 512: the verifier refuses bpf_percpu_obj_new() of it
    bpf_percpu_obj_new(struct two);
//                     ^^^^^^^^^^ struct two has a pointer in it: the verifier refuses bpf_percpu_obj_new() of it
    bpf_obj_new(union u);
//              ^^^^^^^ union u is no struct: the verifier refuses bpf_obj_new() of it
    bpf_obj_new(int);
//              ^^^ int is no struct: the verifier refuses bpf_obj_new() of it
    return 0;
}
`,
  );
});

test("as the macros have it behind them", () => {
  checkRule(
    objectNotAStruct,
    `
int f(void *ctx)
{
  bpf_obj_new_impl(__builtin_btf_type_id(*(int *)0, 0), 0);
//                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ int is no struct: the verifier refuses bpf_obj_new() of it
  bpf_obj_new_impl(__builtin_btf_type_id(*(struct x *)0, 0), 0);
  return 0;
}
`,
  );
});

test("silent for structs, and for what nobody knows", () => {
  for (const type of ["struct big", "struct unknown", "typeof(*p)", "name_t", "struct { int a; }", ""])
    checkNoFindings(
      objectNotAStruct,
      `struct big { char bytes[600]; };\nint f(void) { bpf_obj_new(${type}); return 0; }`,
    );
  checkNoFindings(
    objectNotAStruct,
    "int f(u64 id) { bpf_obj_new_impl(id, 0); bpf_percpu_obj_new(struct x); return 0; }",
  );
});

test("flags what is the number of no type", () => {
  checkRule(
    objectNotAStruct,
    `
int f(void *ctx)
{
    bpf_obj_new_impl(~0UL, NULL);
//                   ^^^^ ~0UL is not the number of a type: the verifier refuses bpf_obj_new() of it
    bpf_obj_new_impl(12, NULL);
    bpf_obj_new_impl(number, NULL);
    return 0;
}
`,
  );
});

test("an address is made a pointer to a structure", () => {
  checkRule(
    objectNotAStruct,
    `
extern void *bpf_rdonly_cast(const void *, __u32) __ksym;
int f(void *ctx)
{
    bpf_core_cast(ctx, u64);
//                     ^^^ u64 is no struct: the verifier refuses bpf_core_cast() to it
    bpf_rdonly_cast(ctx, bpf_core_type_id_kernel(int));
//                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ int is no struct: the verifier refuses bpf_rdonly_cast() to it
    return 0;
}
`,
  );
  for (const type of ["struct sock", "void", "union u", "typeof(*p)", "sock_t"])
    checkNoFindings(objectNotAStruct, `int f(void *ctx) { bpf_core_cast(ctx, ${type}); return 0; }`);
  checkNoFindings(
    objectNotAStruct,
    "int f(void *ctx, u32 id) { bpf_rdonly_cast(ctx, id); bpf_rdonly_cast(ctx, 0); return 0; }",
  );
  checkNoFindings(
    objectNotAStruct,
    "#define bpf_core_cast(p, t) ((t *)(p))\nint f(void *ctx) { bpf_core_cast(ctx, u64); return 0; }",
  );
});
