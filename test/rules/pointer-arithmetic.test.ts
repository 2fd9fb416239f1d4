import { test } from "vitest";
import { pointerArithmetic } from "../../server/src/analysis/rules/pointer-arithmetic.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const xdp = (body: string) => `
SEC("xdp")
int f(struct xdp_md *ctx)
{
    void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
${body}
    return 0;
}
`;

test("flags all but the addition and the subtraction of numbers", () => {
  checkRule(
    pointerArithmetic,
    xdp(`    if ((unsigned long)data & 7)
//      ^^^^^^^^^^^^^^^^^^^^^^^ a pointer to the packet cannot be calculated with by &: the verifier allows + and - alone
        return 1;
    if ((unsigned long)data * 3 == 7)
//      ^^^^^^^^^^^^^^^^^^^^^^^ a pointer to the packet cannot be calculated with by *: the verifier allows + and - alone
        return 1;
    if ((unsigned long)data + (unsigned long)end == 7)
//      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ two pointers cannot be added: the verifier refuses the program
        return 1;
    if (end - 14 < data)
//      ^^^^^^^^ nothing may be added to the end of the packet, or taken from it: the verifier refuses the program
        return 1;
    if (100 - (long)data > 5)
//      ^^^^^^^^^^^^^^^^ a pointer to the packet cannot be taken from a number: the verifier refuses the program
        return 1;`),
  );
});

test("silent about differences, offsets and parts of a pointer", () => {
  checkNoFindings(pointerArithmetic, xdp("    if (data + 14 > end || end - data < 14)\n        return 1;"));
  checkNoFindings(pointerArithmetic, xdp("    if (((end - data) & 7) == 1)\n        return 1;"));
  checkNoFindings(pointerArithmetic, xdp("    u32 low = (u32)(long)data & 7;"));
  checkNoFindings(pointerArithmetic, xdp("    end += 0;"));
  checkNoFindings(pointerArithmetic, xdp("    int a[4];\n    long b = (long)&a & 7;"));
});

test("silent about what is a number anyway", () => {
  checkNoFindings(
    pointerArithmetic,
    `SEC("kprobe/f")
int BPF_KPROBE(f, struct file *file)
{
	unsigned long hash = (unsigned long)file >> 4;

	return hash ^ bpf_get_current_task();
}
`,
  );
});

test("flags pointers that are cut down", () => {
  checkRule(
    pointerArithmetic,
    xdp(`    bpf_trace_vprintk("", 2, (void *)0, (unsigned short)(long)ctx);
//                                      ^^^^^^^^^^^^^^^^^^^^^^^^^ the context is cut down to 2 bytes: the verifier refuses the program
    bpf_trace_vprintk("", 2, (void *)0, (unsigned int)(long)(data + 4));
//                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a pointer to the packet is cut down to 4 bytes: the verifier refuses the program`),
  );
});

test("silent for the lower half of a whole pointer, for numbers, and for what no call gets", () => {
  for (const given of ["(unsigned int)(long)ctx", "(unsigned short)ctx->rx_queue_index", "(long)ctx"])
    checkNoFindings(pointerArithmetic, xdp(`    bpf_trace_vprintk("", 2, (void *)0, ${given});`));
  checkNoFindings(pointerArithmetic, xdp("    unsigned short part = (unsigned short)(long)ctx;"));
});
