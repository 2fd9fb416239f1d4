/** Logs as editors and shells of several systems write them; what is guessed of their bytes. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { encodingOf } from "../../../server/src/analysis/verifier/text-encoding.ts";
import { answerTo } from "../../../server/src/toolchain/log-file.ts";
import { logOf } from "./logs.ts";

const LOG = logOf("6.18-read_behind-1");
const wide = (text: string): Buffer => Buffer.from(text, "utf16le");
const BYTES: Readonly<Record<string, readonly [bytes: Uint8Array, encoding: string]>> = {
  "UTF-8": [Buffer.from(LOG), "utf-8"],
  "UTF-8 with a mark": [Buffer.from(`\ufeff${LOG}`), "utf-8"],
  "UTF-16 with a mark, as PowerShell writes": [wide(`\ufeff${LOG.replaceAll("\n", "\r\n")}`), "utf-16le"],
  "UTF-16 without one": [wide(LOG), "utf-16le"],
  "big-endian UTF-16 with a mark": [wide(`\ufeff${LOG}`).swap16(), "utf-16be"],
  "big-endian UTF-16 without one": [wide(LOG).swap16(), "utf-16be"],
  "Latin-1": [Buffer.from(`; f\u00fcr @ stra\u00dfe.c:3\n${LOG}`, "latin1"), "latin1"],
};

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test.each(Object.entries(BYTES))("%s is told apart, and read in pieces of any size", async (_, [bytes, encoding]) => {
  expect(encodingOf(bytes)).toBe(encoding);
  for (const size of [1, 7, 4_096, 1 << 20]) {
    const { programs } = await answerTo(pieces(bytes, size));
    expect(programs).toMatchObject([{ verdict: "refused", stats: { processed: 14 } }]);
    expect(programs[0]?.answers[0]?.said).toMatch(/^invalid access to packet/);
  }
});

test("names keep their letters", async () => {
  const { programs } = await answerTo(
    pieces(Buffer.from("; f\u00fcr(x) @ stra\u00dfe.c:3\n0: (61) r1 = *(u32 *)(r0 +0)\nR0 !read_ok\n", "latin1"), 9),
  );
  expect(programs[0]?.answers[0]?.place).toMatchObject({ file: "stra\u00dfe.c", line: 3, text: "f\u00fcr(x)" });
});

test("a character that the end of a sample cuts is none of a wrong encoding", () => {
  const bytes = Buffer.from("log f\u00fcr \u{1f41d}");
  for (let end = 0; end <= bytes.length; end++) expect(encodingOf(bytes.subarray(0, end))).toBe("utf-8");
});

test("nothing and a few bytes are text", () => {
  for (const bytes of [[], [0], [0, 0, 0], [0xff], [0x41]])
    expect(typeof encodingOf(Uint8Array.from(bytes))).toBe("string");
});

test("200 MB are read piece by piece, in little room", async () => {
  const steps = Array.from(
    { length: 4_000 },
    (_, i) => `${i}: (07) r1 += 1                      ; R1_w=scalar(umin=${i})\n`,
  );
  const piece = Buffer.from(steps.join(""));
  const before = held();
  let most = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield Buffer.from("0: R1=ctx() R10=fp0\n");
    for (let sent = 0; sent < 200 << 20; sent += piece.length) {
      yield piece;
      if (sent % (100 * piece.length) === 0) most = Math.max(most, held() - before);
    }
    yield Buffer.from("BPF program is too large. Processed 1000001 insn\nprocessed 1000001 insns (limit 1000000)\n");
  }
  const [program] = (await answerTo(endless())).programs;
  expect(program?.answers[0]?.said).toBe("BPF program is too large. Processed 1000001 insn");
  expect(most).toBeLessThan(60 << 20);
});

/** What is really held: others have worked in the process before, and it may put off clearing away. */
function held(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
