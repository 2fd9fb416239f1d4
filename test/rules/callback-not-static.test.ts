import { test } from "vitest";
import { callbackNotStatic } from "../../server/src/analysis/rules/callback-not-static.ts";
import { checkFix, checkNoFindings } from "../support/check.ts";

const program = (head: string, call: string) =>
  `${head} each(void *map, void *key, void *value, void *data) { return 0; }\nSEC("tc")\nint f(void *ctx) { ${call}; return 0; }`;
const CALL = "bpf_for_each_map_elem(&m, &each, 0, 0)";

test("with and without an ampersand", () => {
  for (const call of [CALL, "bpf_loop(3, each, 0, 0)", "bpf_timer_set_callback(t, each)"])
    checkFix(callbackNotStatic, program("long", call), program("static long", call));
});

test("silent for what is static, what libbpf makes static, and what is no callback", () => {
  checkNoFindings(callbackNotStatic, program("static long", CALL));
  checkNoFindings(callbackNotStatic, program("__hidden long", CALL));
  checkNoFindings(callbackNotStatic, program("long", "each(0, 0, 0, 0)"));
  checkNoFindings(callbackNotStatic, program("long", "handle(3, each)"));
});
