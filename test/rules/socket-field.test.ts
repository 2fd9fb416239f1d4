import { test } from "vitest";
import { socketField } from "../../server/src/analysis/rules/socket-field.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

test("of a packet's socket, and of one that was looked up", () => {
  checkRule(
    socketField,
    `
SEC("tc")
int f(struct __sk_buff *skb) {
  struct bpf_sock_tuple tuple = {};
  if (skb->sk && skb->sk->mark == 7) return 1;
//               ^^^^^^^^^^^^^ only a full socket has mark, as bpf_sk_fullsock() gives: the verifier refuses the access
  struct bpf_sock *sk = bpf_skc_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), -1, 0);
  if (!sk) return 0;
  int kind =
    sk->protocol;
//  ^^^^^^^^^^^^ only a full socket has protocol, as bpf_sk_fullsock() gives: the verifier refuses the access
  bpf_sk_release(sk);
  return kind;
}
`,
  );
});

test("common fields, full sockets, structures of the kernel's", () => {
  checkNoFindings(
    socketField,
    `
SEC("tc") int f(struct __sk_buff *skb) {
  struct bpf_sock *sk = skb->sk;
  if (!sk) return 0;
  int sum = sk->family + sk->state + sk->src_port + sk->dst_ip4 + sk->bound_dev_if;
  sk = bpf_sk_fullsock(sk);
  return sk ? sk->priority + sum : 0;
}
SEC("cgroup/connect4") int g(struct bpf_sock_addr *ctx) { return ctx->sk->protocol; }
SEC("sk_lookup") int h(struct bpf_sk_lookup *ctx) { return ctx->sk ? ctx->sk->type : 0; }
SEC("cgroup/sock_create") int i(struct bpf_sock *ctx) { return ctx->priority == 1; }
SEC("tp_btf/x") int BPF_PROG(j, struct sock *sk) { return sk->mark; }
`,
  );
});
