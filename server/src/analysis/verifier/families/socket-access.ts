/** Bytes of a socket that are no field. */

import type { Family } from "../family.ts";
import { bytes } from "../registers.ts";

export const socketAccess: Family = {
  id: "socket-access",
  title: "Not a field of the socket",
  class: "source",
  by: "verifier",
  said: [
    /^R\d+ invalid (sock|sock_common|tcp_sock|xdp_sock) access off=(-?\d+) size=(\d+)/,
    /^invalid bpf_(sock) access off=(-?\d+) size=(\d+)/,
    /^cannot write into socket$/,
  ],
  meaning: ({ match: [, kind = "", off = "", size = ""] }) =>
    kind === ""
      ? "Fields of a socket may be read, not written."
      : `The program uses ${bytes(Number(size))} at offset ${off} of ${STRUCT[kind] ?? "a socket"}, which it may not: that is not a field, only a part of one, or a field for full sockets only.`,
  advice:
    "Read whole fields, each with its own width. More than the common part of a socket needs bpf_sk_fullsock() or bpf_tcp_sock() first, and a test for NULL.",
  rules: ["socket-field", "read-only-memory"],
  examples: [
    { text: "R0 invalid sock_common access off=80 size=4", from: "5.1 to 7.2" },
    { text: "R0 invalid tcp_sock access off=128 size=4", from: "5.1 to 7.2" },
    { text: "invalid bpf_sock access off=100 size=4", from: "4.20 and 5.0" },
    { text: "cannot write into socket", from: "4.20 and 5.0" },
  ],
};

const STRUCT: Readonly<Record<string, string>> = {
  sock: "a socket (struct bpf_sock)",
  sock_common: "the common part of a socket (struct bpf_sock)",
  tcp_sock: "a TCP socket (struct bpf_tcp_sock)",
  xdp_sock: "an XDP socket (struct bpf_xdp_sock)",
};
