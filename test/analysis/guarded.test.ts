import { expect, test } from "vitest";
import { isGuarded } from "../../server/src/analysis/for-rules/guarded.ts";
import { modelOf } from "../support/check.ts";

function guarded(code: string, head = 'SEC("kprobe/x") int f(struct pt_regs *ctx, int arg)'): boolean {
  const model = modelOf(`const volatile int wanted = 0;\nconst volatile bool on;\nint seen;\n${head} {\n${code}\n}`);
  const call = model.calls.find(({ name }) => name === "use");
  if (call === undefined) throw new Error("the code calls no use()");
  return isGuarded(call.range, call.in, model);
}

test("a value that is fixed before the load may decide", () => {
  for (const code of [
    "if (on) use();",
    "if (!on) return 0; use();",
    "if (wanted && on) return 0; use();",
    "if (on || bpf_get_prandom_u32()) return 0; use();",
    "if (on && bpf_get_prandom_u32()) use();",
    "int x = on; if (wanted && x) return 0; use();",
    "int x = bpf_get_prandom_u32(); if (on) x = wanted; if (wanted && x) return 0; use();",
    "if (wanted && !(on || bpf_get_prandom_u32())) return 0; use();",
    "if (wanted && (on || ctx->ax)) return 0; use();",
    "if (bpf_core_type_exists(struct x) && wanted) return 0; use();",
    "if (wanted && 1) return 0; use();",
  ])
    expect(guarded(code), code).toBe(true);
  expect(guarded("if (wanted && arg) return 0; use();", "static int f(int arg)")).toBe(true);
});

test("but not where what the program sees decides as well", () => {
  for (const code of [
    "if (wanted && wanted != bpf_get_current_pid_tgid()) return 0; use();",
    "if (on && ctx->ax == 0) return 0; use();",
    "if (on && arg) return 0; use();",
    "if (on && !bpf_current_task_under_cgroup(&m, 0)) return 0; use();",
    "u64 id = bpf_get_current_pid_tgid(); u32 pid = id >> 32; if (wanted && wanted != pid) return 0; use();",
    "u32 n; bpf_probe_read(&n, 4, ctx); if (wanted && n > wanted) return 0; use();",
    "if (arg) return 0; use();",
    "if (seen) return 0; use();",
  ])
    expect(guarded(code), code).toBe(false);
});

test("a function is told what its callers know", () => {
  const code = "if (wanted && arg) return 0; use();";
  const calledWith = (text: string): boolean =>
    guarded(
      code,
      `static int f(int arg);\nSEC("kprobe/x") int g(struct pt_regs *ctx) { return f(${text}); }\nstatic int f(int arg)`,
    );
  expect(calledWith("ctx->ax")).toBe(false);
  expect(calledWith("1")).toBe(true);
  expect(calledWith("on")).toBe(true);
});
