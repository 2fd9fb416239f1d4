/** Which files are kernels, and which of them somebody means. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { imageAt, type KernelImage, kernelImages } from "../../../server/src/toolchain/guests/images.ts";
import { imageNamed } from "../../../server/src/toolchain/guests/named.ts";
import { workIn } from "../../support/tools.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint images, "));
process.env["XDG_CACHE_HOME"] = join(folder, "cache");
afterAll(() => rmSync(folder, { recursive: true }));

/** The header of an image, as the boot protocol of x86 has it, with nothing behind. */
function image(release: string): Buffer {
  const bytes = Buffer.alloc(0x1000);
  bytes.writeUInt16LE(0xaa55, 0x1fe);
  bytes.write("HdrS", 0x202, "latin1");
  bytes.writeUInt16LE(0x400, 0x20e);
  bytes.write(`${release} (who@where) #1 SMP\0`, 0x600, "latin1");
  return bytes;
}

function write(path: string, bytes: Buffer | string): string {
  const whole = join(folder, path);
  mkdirSync(join(whole, ".."), { recursive: true });
  writeFileSync(whole, bytes);
  return whole;
}

test("images are found where they lie, once each, newest first", async () => {
  write("top/boot/vmlinuz-6.1.0-9", image("6.1.0-9"));
  write("top/boot/vmlinuz-6.1.0-10", image("6.1.0-10"));
  write("top/boot/vmlinuz-broken", "nothing");
  write("top/usr/lib/modules/6.1.0-10/vmlinuz", image("6.1.0-10"));
  write("top/usr/lib/modules/6.12.3/vmlinuz", image("6.12.3"));
  write("cache/hookpoint/kernels/debian-6.6/vmlinuz", image("6.6.1"));
  write("tree/arch/x86/boot/bzImage", image("7.0.0-rc1+"));
  const named = ["tree", { name: "mine", image: "top/boot/vmlinuz-6.1.0-9" }, "missing"];
  const { images, problems } = await kernelImages(named, folder, join(folder, "top"));
  expect(images.map(({ name, release, from }) => `${name} ${release} ${from}`)).toEqual([
    "7.0.0-rc1+ 7.0.0-rc1+ settings",
    "mine 6.1.0-9 settings",
    "debian-6.6 6.6.1 fetched",
    "6.12.3 6.12.3 this machine",
    "6.1.0-10 6.1.0-10 this machine",
  ]);
  expect(problems).toEqual([`The kernel image ${join(folder, "missing")} cannot be read: there is no such file.`]);
});

test("a name, a release, a series or a path means one", async () => {
  const one = (name: string, release: string): KernelImage => ({ name, release, image: name, from: "fetched" });
  const images = [one("debian-6.1", "6.1.0-56"), one("old", "6.1.0-9"), one("6.12.3", "6.12.3")];
  const meant = async (name: string) => (await imageNamed(name, images, workIn(folder))).name;
  expect(await meant("6.1")).toBe("debian-6.1");
  expect(await meant("6.1.0-9")).toBe("old");
  expect(await meant("old")).toBe("old");
  expect(await meant("6.12")).toBe("6.12.3");
  expect(await meant("./tree")).toBe("7.0.0-rc1+");
  await expect(meant("6.2")).rejects.toThrow('"6.2" names no kernel that is here. There are: debian-6.1, old, 6.12.3.');
  await expect(meant("6.")).rejects.toThrow("names no kernel");
});

test("what is no kernel is said to be none", async () => {
  const refused = (path: string) => expect(imageAt(path)).rejects;
  await refused(write("elf", "\x7fELF and so on")).toThrow("it is an ELF file. Name the bzImage or vmlinuz instead");
  await refused(write("empty", "")).toThrow("is no kernel image that a guest can start");
  await refused(write("text", "x".repeat(5000))).toThrow("is no kernel image that a guest can start");
  await refused(write("nameless", image(""))).toThrow("does not say its release");
});
