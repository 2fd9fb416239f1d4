// Files nobody writes but everybody meets: huge, binary, empty, cut off, with foreign line ends and characters.
import assert from "node:assert/strict";
import type * as vscode from "vscode";
import { client, closeAll, errorsDuring, finding, findings, hoverText, open, serverLog, until } from "./support.ts";

const head = `#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\n\n`;
const bad = `SEC("kprobe/do_unlinkat")
int trace(void *ctx)
{
	char name[16];

	bpf_probe_read(name, sizeof(name), ctx);
	return 0;
}
`;

suite("odd files", () => {
  suiteSetup(async () => {
    await open("execwatch.bpf.c");
    await client();
  });
  teardown(closeAll);

  test("5 MB", () =>
    withoutErrors(async () => {
      const good =
        "static __always_inline int f(void *map, int key)\n{\n\treturn bpf_map_lookup_elem(map, &key) != 0;\n}\n\n";
      const document = await open("huge.bpf.c", head + good.repeat(Math.ceil(5_000_000 / good.length)) + bad);
      // it is found out about, or said to be too large
      await until("there is a word about it", () => findings(document)[0]);
      await hoverEverywhere(document);
    }));

  test("binary", () =>
    withoutErrors(async () => {
      const bytes = Uint8Array.from({ length: 50_000 }, (_, i) => 1 + ((i * i * 31 + i * 7) % 255));
      await hoverEverywhere(await open("binary.bpf.c", bytes));
      // with a zero byte VS Code itself may refuse to open it as text
      bytes.fill(0, 10, 20);
      await open("zeros.bpf.c", bytes).then(hoverEverywhere, () => {});
    }));

  test("empty", () => withoutErrors(async () => hoverEverywhere(await open("empty.bpf.c", ""))));

  test('cut in the middle of SEC("', () =>
    withoutErrors(async () => {
      const document = await open("cut.bpf.c", `${head}${bad}\nSEC("`);
      await finding(document, "deprecated-helper");
      await hoverEverywhere(document);
    }));

  test("CRLF and characters beyond the basic plane", () =>
    withoutErrors(async () => {
      const strange = bad.replace("\tbpf_probe_read", "\t/* 😀 𝄞 */ bpf_probe_read");
      const document = await open("crlf.bpf.c", `${head}/* 🐝🐝🐝 */\n${strange}`.replaceAll("\n", "\r\n"));
      const { range } = await finding(document, "deprecated-helper");
      assert.equal(document.getText(range), "bpf_probe_read");
      assert.match(await hoverText(document, range.start), /bpf_probe_read/);
    }));

  test("the server's log holds no error", async function () {
    const log = await serverLog();
    // counted as skipped, which fails on CI
    if (log === undefined) return this.skip();
    assert.doesNotMatch(log, /\berror\b|exception|\bTypeError\b|\bRangeError\b|^\s+at .+:\d+:\d+/im);
  });
});

async function withoutErrors(action: () => Promise<unknown>): Promise<void> {
  assert.deepEqual(await errorsDuring(action), []);
}

/** Hovers the beginning, the end and some places between; an answer is not expected, only that none fails. */
async function hoverEverywhere(document: vscode.TextDocument): Promise<void> {
  const length = document.getText().length;
  for (let i = 0; i <= 10; i++) await hoverText(document, document.positionAt(Math.floor((length * i) / 10)));
}
