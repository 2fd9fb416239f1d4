/** Doctor: a small program is built for real, since tools and headers that are there may still not go together. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildObject } from "../build.ts";
import type { Work } from "../choices.ts";
import { Cancelled, ToolProblem } from "../problem.ts";
import type { Check } from "./report.ts";

const PROGRAM = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int trial(struct xdp_md *ctx)
{
	return bpf_get_prandom_u32() ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
`;

export async function checkTrial(work: Work): Promise<Check> {
  const about = {
    id: "trial",
    area: "build",
    name: "a small program",
    purpose: "know that it all goes together",
  } as const;
  const folder = await mkdtemp(join(tmpdir(), "hookpoint-trial-"));
  try {
    const source = join(folder, "trial.bpf.c");
    await writeFile(source, PROGRAM);
    const { ok, output } = await buildObject(source, work);
    if (ok) return { ...about, state: "good", says: "It was built with these." };
    const why = /\berror: (.*)/.exec(output)?.[1] ?? "the compiler did not say why";
    return { ...about, state: "unfit", says: `It could not be built: ${why}.` };
  } catch (error) {
    if (error instanceof Cancelled || !(error instanceof ToolProblem)) throw error;
    return { ...about, state: "unfit", says: `It could not be built: ${error.message}` };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
