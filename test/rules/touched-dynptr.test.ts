import { test } from "vitest";
import { touchedDynptr } from "../../server/src/analysis/rules/touched-dynptr.ts";
import { useAfterRelease } from "../../server/src/analysis/rules/use-after-release.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const program = (body: string, before = ""): string => `
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_USER_RINGBUF); __uint(max_entries, 4096); } samples SEC(".maps");
char room[16];
${before}
SEC("tc")
int f(struct __sk_buff *skb)
{
    struct bpf_dynptr p;
    u32 word = 0;
${body}
    return 0;
}
`;

test("what must be given back is not written over", () => {
  checkRule(
    touchedDynptr,
    program(`    bpf_ringbuf_reserve_dynptr(&events, 8, 0, &p);
    memcpy((void *)&p + 8, &word, 4);
//         ^^^^^^^^^^^^^^ p is a dynptr, whose own bytes are written to here: the verifier refuses the program
    bpf_ringbuf_submit_dynptr(&p, 0);`),
  );
  checkRule(
    touchedDynptr,
    program(
      "    bpf_ringbuf_reserve_dynptr(&events, 8, 0, &p);\n    bpf_loop(4, set, &p, 0);\n    bpf_ringbuf_submit_dynptr(&p, 0);",
      `static long set(u32 i, u32 *to)
{
    *to = i;
//  ^^^ p is a dynptr, whose own bytes are written to here: the verifier refuses the program
    return 0;
}`,
    ),
  );
});

test("nobody reads one, or looks into the sample of a user's ring buffer", () => {
  checkRule(
    touchedDynptr,
    program(
      "    bpf_dynptr_from_mem(room, 16, 0, &p);\n    word = *(u32 *)&p;\n//         ^^^^^^^^^^ p is a dynptr, whose own bytes are read here: the verifier refuses the program\n    bpf_user_ringbuf_drain(&samples, look, NULL, 0);",
      `static long look(struct bpf_dynptr *sample, void *context)
{
    return *(u32 *)sample;
//         ^^^^^^^^^^^^^^ the sample is a dynptr, whose own bytes are read here: the verifier refuses the program
}`,
    ),
  );
});

test("a helper writes beside it, and farther", () => {
  const both = (size: number): string =>
    program(`    struct both { char buf[16]; struct bpf_dynptr ptr; } both;
    bpf_dynptr_from_mem(room, 16, 0, &both.ptr);
    bpf_get_current_comm(both.buf, ${size});
${size > 16 ? "//                       ^^^^^^^^ both.ptr is a dynptr, whose own bytes are written to here: the verifier refuses the program" : ""}`);
  checkRule(touchedDynptr, `struct bpf_dynptr { u64 opaque[2]; };\n${both(17)}`);
  checkNoFindings(touchedDynptr, `struct bpf_dynptr { u64 opaque[2]; };\n${both(16)}`);
});

test("silent where it holds nothing any more; what points into it leads nowhere", () => {
  const body = `    u8 *byte;
    bpf_dynptr_from_mem(room, 16, 0, &p);
    byte = bpf_dynptr_data(&p, 0, 1);
    if (!byte)
        return 0;
    *(u32 *)&p = 0;
    word = *byte;`;
  checkNoFindings(touchedDynptr, program(body));
  checkRule(
    useAfterRelease,
    program(
      `${body}\n//         ^^^^^ what bpf_dynptr_data() gave is used after p was written to: the verifier refuses the program`,
    ),
  );
  checkNoFindings(
    useAfterRelease,
    program(body.replace("*(u32 *)&p = 0;", "struct bpf_dynptr q;\n    bpf_dynptr_from_mem(room, 8, 0, &q);")),
  );
});

test("silent after the dynptr was given back, and about what is beside it", () => {
  checkNoFindings(
    touchedDynptr,
    program(`    struct { u32 a; struct bpf_dynptr ptr; u32 b; } all;
    bpf_ringbuf_reserve_dynptr(&events, 8, 0, &all.ptr);
    all.a = 1;
    *&all.b = 2;
    bpf_ringbuf_submit_dynptr(&all.ptr, 0);
    bpf_ringbuf_reserve_dynptr(&events, 8, 0, &p);
    bpf_ringbuf_submit_dynptr(&p, 0);
    memset(&p, 0, sizeof(p));`),
  );
});

const DYNPTR = `struct bpf_dynptr { __u64 __opaque[2]; };
struct outer { int n; struct bpf_dynptr ptr; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } ring SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1); __type(key, int); __type(value, struct outer); } kept SEC(".maps");`;
const withDynptr = (body: string, after = "") =>
  `${DYNPTR}\nint seen;\nSEC("tc")\nint f(struct __sk_buff *skb)\n{\n  int key = 0;\n  struct outer o = {};\n  bpf_ringbuf_reserve_dynptr(&ring, 64, 0, &o.ptr);\n${body}\n  bpf_ringbuf_discard_dynptr(&o.ptr, 0);\n${after}\n  return 0;\n}\n`;

test("a helper that is given all of a variable reads the dynptr in it", () => {
  checkRule(
    touchedDynptr,
    withDynptr(`  bpf_map_update_elem(&kept, &key, &o, 0);
//                                 ^^ o.ptr is a dynptr, whose own bytes are read here: the verifier refuses the program`),
  );
  checkNoFindings(touchedDynptr, withDynptr("  bpf_map_delete_elem(&kept, &o.n);"));
  checkNoFindings(touchedDynptr, withDynptr("", "  bpf_map_update_elem(&kept, &key, &o, 0);"));
});
