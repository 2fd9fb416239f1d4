/** A kernel behind ssh: a real server and client, and nothing left on the other side. */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bySsh } from "../../server/src/toolchain/agent/by-ssh.ts";
import { ENDS, REMOTE_SCRIPT } from "../../server/src/toolchain/agent/remote-script.ts";
import { tar } from "../../server/src/toolchain/agent/tar.ts";
import { Cancelled } from "../../server/src/toolchain/problem.ts";
import { run } from "../../server/src/toolchain/run.ts";
import { root } from "../support/paths.ts";
import { workIn } from "../support/tools.ts";
import { findProgram } from "../vscode/process.mjs";
import { left, processesWith, settled } from "./left.ts";
import { type Server, SSHD, startServer } from "./sshd.ts";
import { type Toolbox, toolbox, whyNotHere } from "./toolbox.mjs";

const why = whyNotHere() ?? (existsSync(SSHD) && findProgram("ssh") ? undefined : "needs sshd and ssh");
if (why !== undefined && process.env["CI"]) throw new Error(why);

const source = join(root, "server/src/toolchain/agent");
const folder = mkdtempSync(join(tmpdir(), "hookpoint ssh-"));
/** Where the other side makes its folders. */
const there = join(folder, "there");
const path = process.env["PATH"];
const everything = { programs: [], visits: false };
const yes = { mayUseRoot: () => Promise.resolve(true) };
const never = { mayUseRoot: () => Promise.reject(new Error("asked for root")) };
let box: Toolbox;
let server: Server;
let object = "";
let many = "";

beforeAll(async () => {
  if (why !== undefined) return;
  box = await toolbox();
  object = await built("ssh", 'SEC("xdp") int hs_pass(struct xdp_md *ctx) { return XDP_PASS; }');
  many = await built(
    "ssh-many",
    Array.from({ length: 2500 }, (_, n) => `SEC("xdp") int hs_${n}(void *c) { return 1; }`).join("\n"),
  );
  chmodSync(folder, 0o755);
  mkdirSync(there);
  chmodSync(there, 0o777);
  // What the other side finds on its path beside what everybody has.
  const sudo = join(folder, "sudo");
  mkdirSync(sudo);
  await run("cc", ["-o", join(sudo, "sudo"), join(root, "test/kernel/fake-sudo.c")], { cwd: folder });
  chmodSync(join(sudo, "sudo"), 0o4755);
  const bare = join(folder, "bare");
  mkdirSync(bare);
  for (const name of ["sh", "uname", "mktemp", "rm", "head", "tar", "id", "chmod", "cat"])
    symlinkSync(findProgram(name) ?? "", join(bare, name));
  const person = "setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all";
  const go = `env "TMPDIR=${there}"`;
  const theirs = 'sh -c "$SSH_ORIGINAL_COMMAND"';
  server = await startServer(folder, {
    plain: `echo welcome; ${go} ${theirs}`,
    person: `${go} PATH=/usr/bin:/bin ${person} ${theirs}`,
    admin: `${go} "PATH=${sudo}:$PATH" ${person} ${theirs}`,
    asks: `${go} SUDO_ASKS=1 "PATH=${sudo}:$PATH" ${person} ${theirs}`,
    bare: `${go} "PATH=${bare}" ${theirs}`,
  });
  process.env["PATH"] = `${server.path}${delimiter}${path}`;
});
afterAll(() => {
  process.env["PATH"] = path;
  server?.stop();
  box?.dispose();
  rmSync(folder, { recursive: true });
});

async function built(name: string, text: string): Promise<string> {
  const made = await box.build(name, text);
  expect(made.ok).toBe(true);
  return made.object;
}

const ask = (host: string, wish: typeof yes, one = object, work = workIn(folder)) =>
  bySsh(host, source, wish).verify(one, everything, work);
const accepted = { programs: [{ program: "hs_pass", error: 0 }], missing: [], unopened: undefined };

test.skipIf(why)("root on another machine, whose login greets", async () => {
  expect(await ask("plain", never)).toMatchObject(accepted);
  expect(readdirSync(there)).toEqual([]);
});

test.skipIf(why)("a person with sudo there, when the person here agrees", async () => {
  expect(await ask("admin", yes)).toMatchObject(accepted);
  await expect(ask("admin", { mayUseRoot: () => Promise.resolve(false) })).rejects.toThrow(Cancelled);
  await expect(ask("asks", yes)).rejects.toThrow(
    /On asks you are not root, and sudo there asks .*password is required/,
  );
  await expect(ask("person", yes)).rejects.toThrow(/^Loading programs needs root\. On person you are not root/);
  expect(readdirSync(there)).toEqual([]);
});

test.skipIf(why)("without an agent from here it is made there, or said what is missing there", async () => {
  const here = process.env["PATH"];
  const only = join(folder, "only ssh");
  mkdirSync(only);
  symlinkSync(join(server.path, "ssh"), join(only, "ssh"));
  process.env["PATH"] = only;
  try {
    expect(await ask("plain", never)).toMatchObject(accepted);
    await expect(ask("bare", never)).rejects.toThrow(/could not be compiled there: it has no C compiler\.$/);
  } finally {
    process.env["PATH"] = here;
  }
  // The one from here needs nothing.
  expect(await ask("bare", never)).toMatchObject(accepted);
  expect(readdirSync(there)).toEqual([]);
});

test.skipIf(why)("cancelled in the middle: nothing runs and nothing lies there", async () => {
  const abort = new AbortController();
  const running = ask("plain", never, many, { ...workIn(folder), signal: abort.signal });
  await expect
    .poll(() => processesWith("agent", "--tied").length + processesWith("loader", "--tied").length, { timeout: 20_000 })
    .toBeGreaterThan(1);
  expect(readdirSync(there)).toHaveLength(1);
  abort.abort();
  await expect(running).rejects.toThrow(Cancelled);
  await settled(() => readdirSync(there));
  await settled(() => processesWith("loader", "--tied"));
  expect(await left("hs_")).toEqual([]);
});

test.skipIf(why)("a machine that is not there, and names that are none", async () => {
  await expect(ask("localhost:1", never)).rejects.toThrow(
    /^ssh does not reach localhost:1: .*Hookpoint uses ssh without questions/,
  );
  for (const name of ["-oProxyCommand=touch hacked", "-v", "", "a b", "$(touch hacked)", "x;y", "me@-v"])
    await expect(ask(name, never), name).rejects.toThrow(`"${name}" is no name of a machine for ssh.`);
});

test.skipIf(why).for(["dash", "bash"])(
  "the script in %s: an agent of another processor, a broken pack",
  async (shell, ctx) => {
    const sh = findProgram(shell);
    if (sh === undefined) return ctx.skip(`no ${shell}`);
    const names = readdirSync(source).filter((name) => /\.[ch]$/.test(name));
    const file = (name: string, text: string | Uint8Array) => ({ name, mode: 0o600, bytes: Buffer.from(text) });
    const pack = tar([
      file("agent", "\x7fELF of another processor"),
      ...names.map((name) => file(name, readFileSync(join(source, name)))),
      file("object.o", readFileSync(object)),
      file("command", "./agent\n"),
      file("arguments", "verify\n--tied\n--\nobject.o\n"),
    ]);
    const go = (input: Uint8Array, size = input.length) =>
      run(sh, ["-c", REMOTE_SCRIPT, "hookpoint", String(size), "person"], {
        cwd: folder,
        env: { TMPDIR: there },
        input,
      });
    const made = await go(pack);
    expect([made.code, made.stdout.split("\n")[1]]).toEqual([0, expect.stringContaining('"program":"hs_pass"')]);
    expect((await go(Buffer.from("no tar at all, but a text"))).code).toBe(ENDS.noFolder);
    const broken = tar([
      file("object.o", ""),
      file("agent.c", "#error broken"),
      file("command", ""),
      file("arguments", ""),
    ]);
    expect(await go(broken)).toMatchObject({ code: ENDS.notMade, stderr: expect.stringContaining("#error broken") });
    expect(readdirSync(there)).toEqual([]);
  },
);

test("the script can stand in single quotes, whatever shell reads it", () => {
  expect(REMOTE_SCRIPT).not.toMatch(/['\\!\n]/);
});

test.skipIf(why)("what is packed is what tar unpacks", async () => {
  const place = join(folder, "unpacked");
  mkdirSync(place);
  const bytes = Uint8Array.from({ length: 1500 }, (_, n) => n % 256);
  const pack = join(folder, "pack.tar");
  writeFileSync(
    pack,
    tar([
      { name: "größe 1", mode: 0o755, bytes },
      { name: "empty", mode: 0o600, bytes: new Uint8Array() },
    ]),
  );
  const { code, stdout, stderr } = await run("tar", ["xvf", pack], { cwd: place, env: { LC_ALL: "C.UTF-8" } });
  expect([code, stderr, stdout]).toEqual([0, "", "größe 1\nempty\n"]);
  expect(new Uint8Array(readFileSync(join(place, "größe 1")))).toEqual(bytes);
});
