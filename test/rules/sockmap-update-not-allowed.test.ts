import { test } from "vitest";
import { sockmapUpdateNotAllowed } from "../../server/src/analysis/rules/sockmap-update-not-allowed.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const MAP = (type: string) =>
  `struct { __uint(type, BPF_MAP_TYPE_${type}); __uint(max_entries, 1); __type(key, int); __type(value, int); } m SEC(".maps");`;
const UPDATE = "{ int k = 0; return bpf_map_update_elem(&m, &k, sk, 0); }";
const DELETE = "{ int k = 0; return bpf_map_delete_elem(&m, &k); }";

test("says what to call instead", () => {
  checkRule(
    sockmapUpdateNotAllowed,
    `
${MAP("SOCKHASH")}
static int add(void *sk)
{ int k = 0; return bpf_map_update_elem(&m, &k, sk, 0); }
//                  ^^^^^^^^^^^^^^^^^^^ program f() may not change m, which holds sockets: the verifier refuses it; there is bpf_sock_hash_update()
SEC("sockops")
int f(struct bpf_sock_ops *ops) { return add(ops->sk); }
`,
  );
});

test("silent where it is allowed, or nobody knows", () => {
  for (const section of ["tc", "xdp", "socket", "sk_lookup", "iter/sockmap", "flow_dissector", "freplace/f"])
    checkNoFindings(sockmapUpdateNotAllowed, `${MAP("SOCKMAP")}\nSEC("${section}")\nint f(void *sk) ${UPDATE}`);
  checkNoFindings(sockmapUpdateNotAllowed, `${MAP("SOCKMAP")}\nSEC("sockops")\nint f(void *sk) ${DELETE}`);
  checkNoFindings(sockmapUpdateNotAllowed, `${MAP("HASH")}\nSEC("sockops")\nint f(void *sk) ${UPDATE}`);
  checkNoFindings(sockmapUpdateNotAllowed, `${MAP("SOCKMAP")}\nint f(void *sk) ${UPDATE}`);
});
