/** A real ssh server of a test's own: a port and keys of its own, and an `ssh` on the path that knows it by name. */

import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { run } from "../../server/src/toolchain/run.ts";
import { findProgram } from "../vscode/process.mjs";

export const SSHD = "/usr/sbin/sshd";

export interface Server {
  /** Goes first on the path: its `ssh` reads the configuration of the test. */
  readonly path: string;
  readonly stop: () => void;
}

/** @param hosts by name, what is run for whoever comes by it instead of their command; empty for just that */
export async function startServer(folder: string, hosts: Readonly<Record<string, string>>): Promise<Server> {
  // Where it shuts away what it has not let in yet.
  if (process.getuid?.() === 0 && !existsSync("/run/sshd")) mkdirSync("/run/sshd", { mode: 0o755 });
  const key = join(folder, "key");
  await keygen(key);
  await keygen(join(folder, "host"));
  writeFileSync(join(folder, "allowed"), readFileSync(`${key}.pub`));
  const servers: ChildProcess[] = [];
  const configuration: string[] = [];
  for (const [name, command] of Object.entries(hosts)) {
    const port = await freePort();
    const config = join(folder, `sshd-${name}`);
    writeFileSync(config, serverConfiguration(folder, port, command));
    const server = spawn(SSHD, ["-D", "-e", "-f", config], { stdio: "ignore" });
    servers.push(server);
    configuration.push(clientConfiguration(folder, name, port));
  }
  const config = join(folder, "ssh-config");
  writeFileSync(config, configuration.join("\n"));
  const path = join(folder, "path with ssh");
  mkdirSync(path);
  const ssh = findProgram("ssh") ?? "ssh";
  writeFileSync(join(path, "ssh"), `#!/bin/sh\nexec ${ssh} -F '${config}' "$@"\n`);
  chmodSync(join(path, "ssh"), 0o755);
  const stop = (): void => {
    for (const server of servers) server.kill();
  };
  try {
    for (const name of Object.keys(hosts)) await untilItAnswers(ssh, config, name);
  } catch (error) {
    stop();
    throw error;
  }
  return { path, stop };
}

function serverConfiguration(folder: string, port: number, command: string): string {
  return `Port ${port}
ListenAddress 127.0.0.1
HostKey "${join(folder, "host")}"
AuthorizedKeysFile "${join(folder, "allowed")}"
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
${command === "" ? "" : `ForceCommand ${command}\n`}`;
}

function clientConfiguration(folder: string, name: string, port: number): string {
  return `Host ${name}
  HostName 127.0.0.1
  Port ${port}
  User ${userInfo().username}
  IdentityFile "${join(folder, "key")}"
  IdentitiesOnly yes
  UserKnownHostsFile "${join(folder, "known")}"
  StrictHostKeyChecking accept-new
`;
}

/** Lets somebody in, whatever comes then. */
async function untilItAnswers(ssh: string, config: string, name: string): Promise<void> {
  for (let again = 0; ; again++) {
    const { code, stderr } = await run(ssh, ["-F", config, "-o", "BatchMode=yes", name, "exit 0"], { cwd: "/" });
    if (code !== 255) return;
    if (again === 100) throw new Error(`sshd for ${name} does not answer: ${stderr}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function keygen(path: string): Promise<void> {
  const { code } = await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path], { cwd: "/" });
  expect(code).toBe(0);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
