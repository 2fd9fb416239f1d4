import { test } from "vitest";
import { valuesNotLast } from "../../server/src/analysis/rules/values-not-last.ts";
import { checkFix, checkNoFindings } from "../support/check.ts";

test("a comment stays where it is", () => {
  checkFix(
    valuesNotLast,
    `
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__array(values, int (void *)); /* the programs */
	__type(key, int); /* which */
} m SEC(".maps");
`,
    `
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__type(key, int); /* which */
	__array(values, int (void *));
} m SEC(".maps");
`,
  );
});

test("at the end it is right", () => {
  checkNoFindings(
    valuesNotLast,
    'struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __array(values, int (void *)); } m SEC(".maps");',
  );
});
