import { describe, test } from "vitest";
import { unboundedPacketOffset } from "../../server/src/analysis/rules/unbounded-packet-offset.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const READ =
  "void *data = (void *)(long)ctx->data; void *data_end = (void *)(long)ctx->data_end; __u32 off = ctx->rx_queue_index;";
const program = (body: string): string => `SEC("xdp") int f(struct xdp_md *ctx) { ${READ}\n${body}\n}`;
const silent = (body: string): void => checkNoFindings(unboundedPacketOffset, program(body));
const found = (body: string): void => checkRule(unboundedPacketOffset, program(body));

const USE = "if (data + off + 1 > data_end) return 1; return *(__u8 *)(data + off);";

describe("a number with a bound", () => {
  test("masked, compared, of a small type", () => {
    silent(`off &= 0xfff; ${USE}`);
    silent(`if (off > 1500) return 1; ${USE}`);
    silent(`if (off >= ctx->ingress_ifindex) return 1; ${USE}`);
    silent("__u8 small = off; if (data + small + 1 > data_end) return 1; return *(__u8 *)(data + small);");
  });

  test("not used afterwards", () => {
    silent("if (data + off + 1 > data_end) return 1; return 2;");
    silent("if (data + 14 > data_end) return 1; if (data + off > data_end) return 2; return *(__u8 *)data;");
  });
});

test("a 32-bit number that may be anything", () => {
  found(`if (data + off + 1 > data_end) return 1; return *(__u8 *)(data + off);
//                                              ^^^^^^^^^^^^^^^^^^^^^ the pointer may lead beyond 65535 bytes, so no comparison counts before *(__u8 *)(data + off): the verifier refuses the program`);
});

test("a 64-bit one, and a constant", () => {
  found(`if (data + 8 > data_end) return 1; long far = *(long *)data; return data + far > data_end;
//                                                                  ^^^^^^^^^^ a 64-bit number that may be anything is added to a pointer into the packet: the verifier refuses the program`);
  found(`return data + (1UL << 30) > data_end;
//     ^^^^^^^^^^^^^^^^^^ 1073741824, which is more than 2^29, is added to a pointer into the packet: the verifier refuses the program`);
});
