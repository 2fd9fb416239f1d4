/** Root for who is not: by sudo when the person agrees, in a terminal where it asks, and never without a word. */

import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../../server/src/toolchain/run.ts";
import { root } from "../support/paths.ts";
import { findProgram } from "../vscode/process.mjs";
import { left, processesWith, settled } from "./left.ts";
import { type Toolbox, toolbox, whyNotHere } from "./toolbox.mjs";

const why = whyNotHere();
if (why !== undefined && process.env["CI"]) throw new Error(why);

/** Nobody, who has no rights. */
const PERSON = 65534;
const folder = mkdtempSync(join(tmpdir(), "hookpoint root-"));
const home = join(folder, "home");
const sudo = join(folder, "with sudo", "sudo");
const source = join(folder, "agent");
let box: Toolbox;
let object = "";
let many = "";

beforeAll(async () => {
  if (why !== undefined) return;
  box = await toolbox();
  object = await built("root", 'SEC("xdp") int hr_pass(struct xdp_md *ctx) { return XDP_PASS; }');
  many = await built(
    "root-many",
    Array.from({ length: 2000 }, (_, n) => `SEC("xdp") int hr_${n}(void *c) { return 1; }`).join("\n"),
  );
  chmodSync(folder, 0o755);
  mkdirSync(home);
  chownSync(home, PERSON, PERSON);
  mkdirSync(join(folder, "with sudo"));
  const made = await run("cc", ["-o", sudo, join(root, "test/kernel/fake-sudo.c")], { cwd: folder });
  expect(made).toMatchObject({ code: 0, stderr: "" });
  chmodSync(sudo, 0o4755);
  await run("cp", ["-r", join(root, "server/src/toolchain/agent"), source], { cwd: folder });
  const entry = join(root, "test/kernel/as-person.ts");
  const outfile = join(folder, "as-person.mjs");
  await build({ entryPoints: [entry], outfile, bundle: true, format: "esm", platform: "node", logLevel: "error" });
});
afterAll(() => {
  box?.dispose();
  rmSync(folder, { recursive: true });
});

async function built(name: string, text: string): Promise<string> {
  const { ok, object } = await box.build(name, text);
  expect(ok).toBe(true);
  chmodSync(join(object, ".."), 0o755);
  return object;
}

interface Person {
  readonly env?: Readonly<Record<string, string>>;
  readonly object?: string;
}

async function asPerson(args: readonly string[], { env, ...more }: Person) {
  const person = ["--reuid", String(PERSON), "--regid", String(PERSON), "--clear-groups", "--inh-caps=-all"];
  const command = [process.execPath, join(folder, "as-person.mjs"), source, more.object ?? object, ...args];
  const own = {
    HOME: home,
    TMPDIR: home,
    XDG_CACHE_HOME: join(home, ".cache"),
    PATH: `${join(folder, "with sudo")}:/usr/bin:/bin`,
  };
  const { stdout, stderr } = await run(findProgram("setpriv") ?? "setpriv", [...person, ...command], {
    cwd: home,
    env: { ...own, ...env },
  });
  expect(stderr).toBe("");
  return stdout === "" ? undefined : JSON.parse(stdout);
}

test.skipIf(why)("sudo without a password: used when the person says so, with the command that was shown", async () => {
  const told = await asPerson(["yes"], {});
  expect(told).toMatchObject({ uid: PERSON, typed: [], programs: [["hr_pass", 0]] });
  expect(told.asked).toEqual([[sudo, "--", expect.stringMatching(/\/agent$/), "verify", "--", object]]);
  expect(atHome()).toEqual([".cache"]);
});

test.skipIf(why)("a person who does not agree", async () => {
  expect(await asPerson(["no"], {})).toMatchObject({ error: "Cancelled: Cancelled.", asked: { length: 1 } });
});

test.skipIf(why)("sudo that asks for a password does so in the terminal, and the answers are waited for", async () => {
  const env = { SUDO_ASKS: "1" };
  const told = await asPerson(["yes", "typed"], { env });
  expect(told).toMatchObject({ programs: [["hr_pass", 0]] });
  const output = expect.stringMatching(/\/answers$/);
  const agent = expect.stringMatching(/\/agent$/);
  expect(told.typed).toEqual([[sudo, "--", agent, "verify", "--output", output, "--", object]]);
  expect((await asPerson(["yes", "closed"], { env })).error).toContain("ended without an answer");
  expect((await asPerson(["yes"], { env })).error).toContain("sudo asks for a password");
  expect(atHome()).toEqual([".cache"]);
});

test.skipIf(why)("no sudo at all", async () => {
  const empty = join(folder, "empty");
  mkdirSync(empty);
  // Only the compiler.
  for (const name of ["cc", "as", "ld"]) symlinkSync(findProgram(name) ?? "", join(empty, name));
  const told = await asPerson(["yes"], { env: { PATH: empty } });
  expect(told.error).toBe("ToolProblem: Loading programs needs root, and there is no sudo here. Run this as root.");
});

test.skipIf(why)("cancelled: what runs as root ends too, although nobody may send it a signal", async () => {
  const running = asPerson(["yes"], { object: many });
  await expect.poll(() => processesWith("agent", "--tied", many).length, { timeout: 20_000 }).toBeGreaterThan(1);
  const [person] = processesWith("node", join(folder, "as-person.mjs"), many);
  process.kill(person ?? 0, "SIGUSR1");
  expect(await running).toMatchObject({ error: "Cancelled: Cancelled." });
  await settled(() => processesWith("agent", "--tied", many));
  expect(await left("hr_")).toEqual([]);
  expect(atHome()).toEqual([".cache"]);
});

/** What is left in the person's folder, which is also the one for temporary files. */
const atHome = () => readdirSync(home);
