/** Loading to stay for who is not root: by sudo, and by a terminal in which sudo asks; and what a cancelled or killed one leaves. */

import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run as runTool } from "../../server/src/toolchain/run.ts";
import { root } from "../support/paths.ts";
import { findProgram } from "../vscode/process.mjs";
import { type Going, type PrivatePlace, privatePlace } from "./private-place.ts";
import { type Toolbox, toolbox, whyNotHere } from "./toolbox.mjs";

const why = whyNotHere();
if (why !== undefined && process.env["CI"]) throw new Error(why);
const run = test.skipIf(why !== undefined);

/** Nobody, who has no rights. */
const PERSON = 65534;
const folder = mkdtempSync(join(tmpdir(), "hookpoint hold root-"));
const home = join(folder, "home");
let place: PrivatePlace;
let box: Toolbox;
let object = "";
let many = "";

beforeAll(async () => {
  if (why !== undefined) return;
  box = await toolbox();
  object = await built("person", 'SEC("xdp") int hkhr_pass(struct xdp_md *ctx) { return XDP_PASS; }');
  const programs = Array.from({ length: 3000 }, (_, n) => `SEC("xdp") int hkhr_${n}(void *c) { return 1; }`);
  many = await built("person-many", programs.join("\n"));
  chmodSync(folder, 0o755);
  mkdirSync(home);
  chownSync(home, PERSON, PERSON);
  const sudo = join(folder, "bin", "sudo");
  mkdirSync(join(folder, "bin"));
  const made = await runTool("cc", ["-o", sudo, join(root, "test/kernel/fake-sudo.c")], { cwd: folder });
  expect(made).toMatchObject({ code: 0, stderr: "" });
  chmodSync(sudo, 0o4755);
  cpSync(join(root, "server/src/toolchain/agent"), join(folder, "agent"), { recursive: true });
  const entryPoints = [join(root, "test/kernel/hold-as-person.ts")];
  const outfile = join(folder, "person.mjs");
  await build({ entryPoints, outfile, bundle: true, format: "esm", platform: "node", logLevel: "error" });
  place = await privatePlace(folder);
});

afterAll(() => {
  place?.dispose();
  box?.dispose();
  rmSync(folder, { recursive: true });
});

async function built(name: string, text: string): Promise<string> {
  const { ok, object: made } = await box.build(name, text);
  expect(ok).toBe(true);
  chmodSync(join(made, ".."), 0o755);
  return made;
}

function asPerson(args: readonly string[], env: Readonly<Record<string, string>> = {}): Going {
  const person = ["--reuid", String(PERSON), "--regid", String(PERSON), "--clear-groups", "--inh-caps=-all"];
  const command = [process.execPath, join(folder, "person.mjs"), join(folder, "agent"), ...args];
  const path = `${join(folder, "bin")}:/usr/bin:/bin`;
  const own = { HOME: home, TMPDIR: home, XDG_CACHE_HOME: join(home, ".cache"), PATH: path };
  return place.start(findProgram("setpriv") ?? "setpriv", [...person, ...command], { ...own, ...env });
}

const NOTHING =
  "ls -A /sys/fs/bpf | grep -v debug; bpftool prog show | grep 'name hkhr_'; ip -details link show lo | grep xdp; true";

async function expectNothing(): Promise<void> {
  await expect.poll(() => place.shell(NOTHING), { timeout: 30_000 }).toBe("");
}

run.each([
  ["sudo that does not ask", {}],
  ["sudo that asks in a terminal", { SUDO_ASKS: "yes" }],
] as const)("%s: attached, listed, given back", async (_, env) => {
  const going = asPerson([object], env);
  await going.says("\n");
  const said = JSON.parse(going.stdout().split("\n")[0] ?? "");
  expect(said).toMatchObject({
    uid: PERSON,
    attached: { event: "attached", name: "hkhr_pass", to: "xdp:lo" },
    programs: [{ name: "hkhr_pass", pinned: "/sys/fs/bpf/hookpoint/person/programs/hkhr_pass" }],
    listed: [{ name: "person", state: "held", attached: [{ name: "hkhr_pass", to: "xdp:lo" }] }],
  });
  expect(said.asked[0]?.slice(1, 5)).toEqual(["--", expect.stringMatching(/\/agent$/), "hold", "--name"]);
  expect(await place.shell("ip -details link show lo")).toContain("xdp");
  going.child.stdin?.write("end\n");
  expect((await going.ended).stdout.split("\n")[1]).toBe('{"left":0}');
  await expectNothing();
  expect(readdirSync(home).filter((name) => name.startsWith("hookpoint-"))).toEqual([]);
});

run("the person declines: nothing is run", async () => {
  const { stdout } = await asPerson([object, "no"]).ended;
  expect(JSON.parse(stdout)).toMatchObject({ error: "Cancelled: Cancelled.", asked: [expect.anything()] });
  await expectNothing();
});

run("killed while root holds it: nothing stays", async () => {
  const going = asPerson([object]);
  await going.says("\n");
  going.child.kill("SIGKILL");
  await going.ended;
  await expectNothing();
});

run.each([20, 100, 300, 900])("cancelled after %i ms, while thousands are loaded: nothing stays", async (after) => {
  const { stdout } = await asPerson([many, "yes", String(after)]).ended;
  const { error } = JSON.parse(stdout.split("\n")[0] ?? "") as { readonly error: string };
  if (after < 100 || error !== "Error: too late") expect(error).toBe("Cancelled: Cancelled.");
  await expectNothing();
});
