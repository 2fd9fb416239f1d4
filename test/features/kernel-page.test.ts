import { expect, test } from "vitest";
import { kernelEntries, kernelPage } from "../../server/src/features/kernel-page.ts";
import { kb } from "../support/check.ts";

test("what a release brought, each with what is known of it", () => {
  const page = kernelPage("5.17", kb) ?? "";
  expect(page).toMatch(/^# What Linux 5\.17 brought to BPF\n\nReleased 2022-03-20\./);
  expect(page).toContain(
    "## Helpers\n\n- [`bpf_find_vma`](https://docs.ebpf.io/linux/helper-function/bpf_find_vma/): ",
  );
  expect(page).toMatch(/\[`bpf_loop`\]/);
  expect(page).not.toContain("bpf_ringbuf_reserve");
});

test("what came before and may be called by more programs", () => {
  expect(kernelPage("5.7", kb)).toMatch(
    /## Helpers that more programs may call\n\n(?:- .*\n)*- `bpf_get_socket_cookie`: `cgroup_sock`\n/,
  );
  expect(kernelPage("4.9", kb)).not.toContain("more programs");
});

test("what a distribution brought back to its release, and its other names", () => {
  const page = kernelPage("rocky-8.6", kb) ?? "";
  expect(page).toMatch(/^# What is in Red Hat Enterprise Linux 8\.6\n\nMade from Linux 4\.18/);
  expect(page).toContain("`almalinux-8.6`");
  expect(page).toMatch(/## Helpers brought back\n\n- \[`bpf_/);
});

test("a kernel that there is not", () => {
  expect(kernelPage("3.1", kb)).toBeUndefined();
});

test("every kernel has a page, and all that came with a release is found by its name", () => {
  const entries = kernelEntries(kb);
  for (const { name, kind, kernel } of entries) {
    const page = kernelPage(kernel, kb) ?? "";
    expect(page.length, name).toBeGreaterThan(40);
    if (kind === "feature") expect(page).toContain(name);
  }
  expect(entries[0]?.kind).toBe("release");
  expect(entries.find(({ name }) => name === "bpf_loop")).toMatchObject({
    description: "helper, 5.17",
    kernel: "5.17",
  });
});
