/** Graphs of functions: what runs after what, which variable a name means, what is read later on. */

import { describe, expect, test } from "vitest";
import { type Graph, graphOf, type Node, nextOf } from "../../../server/src/analysis/flow/graph.ts";
import { modelOf } from "../../support/check.ts";

function graphIn(body: string): { readonly graph: Graph; readonly text: string } {
  const text = `int f(int a, int b)\n{\n${body}\n}\n`;
  const routine = modelOf(text).routine("f");
  if (routine === undefined) throw new Error("no function");
  return { graph: graphOf(routine.body, routine.params), text };
}

function reachedFrom(entry: Node): ReadonlySet<Node> {
  const reached = new Set<Node>();
  const work = [entry];
  for (let node = work.pop(); node !== undefined; node = work.pop()) {
    if (reached.has(node)) continue;
    reached.add(node);
    work.push(...nextOf(node));
  }
  return reached;
}

/** Each node that can be reached, in the order of the text, with where it goes. */
function shown(body: string): readonly string[] {
  const { graph, text } = graphIn(body);
  const reached = reachedFrom(graph.entry);
  const words = (node: Node): string => {
    if (node.kind === "return" && node.isEnd) return "end";
    const said = text.slice(node.span.start, node.span.end).replace(/\s+/g, " ");
    return `${node.kind} ${node.kind === "step" && node.of === undefined ? "-" : said.split("{")[0]?.trim()}`;
  };
  return [...reached]
    .sort((one, other) => one.span.start - other.span.start || one.id - other.id)
    .map((node) => {
      const marks = `${node.isMerge ? " merge" : ""}${node.isLoop ? " loop" : ""}`;
      const next = nextOf(node).map(words);
      return `${words(node)}${marks}${next.length > 0 ? ` -> ${next.join(" | ")}` : ""}`;
    });
}

describe("what runs after what", () => {
  test("one after the other", () => {
    expect(shown("a = 1; b = 2;")).toEqual(["step a = 1; -> step b = 2;", "step b = 2; -> end", "end"]);
  });

  test("if and else", () => {
    expect(shown("if (a) b = 1; else b = 2; return b;")).toEqual([
      "branch a -> step b = 1; | step b = 2;",
      "step b = 1; -> return return b;",
      "step b = 2; -> return return b;",
      "return return b; merge",
    ]);
  });

  test("a loop with break and continue", () => {
    expect(shown("for (a = 0; a < 9; a++) { if (b) continue; break; }")).toEqual([
      "step a = 0; -> branch a < 9",
      "branch a < 9 merge loop -> branch b | end",
      "step a++ -> branch a < 9",
      "branch b -> step a++ | end",
      "end merge",
    ]);
  });

  test("do runs once before it asks", () => {
    expect(shown("do a++; while (a < b);")).toEqual([
      "step a++; loop -> branch a < b",
      "branch a < b -> step a++; | end",
      "end",
    ]);
  });

  test("switch falls through", () => {
    expect(shown("switch (a) { case 1: b = 1; case 2: b = 2; break; default: b = 3; }")).toEqual([
      "switch switch (a) -> step b = 1; | step b = 2; | step b = 3;",
      "step b = 1; -> step b = 2;",
      "step b = 2; merge -> end",
      "step b = 3; -> end",
      "end merge",
    ]);
  });

  test("goto, forwards and back", () => {
    expect(shown("again: if (a) goto out; a = b; goto again; out: return 0;")).toEqual([
      "step - loop -> branch a",
      "branch a -> step - | step a = b;",
      "step a = b; -> step -",
      "step - -> return return 0;",
      "return return 0;",
    ]);
  });

  test("what comes behind return is not reached", () => {
    expect(shown("return 1; a = 2;")).toEqual(["return return 1;"]);
  });

  test("a jump to nowhere ends what is known", () => {
    expect(shown("goto nowhere; a = 2;")).toEqual(["lost goto nowhere;"]);
  });
});

describe("which variable a name means", () => {
  const indexes = (body: string): readonly (number | undefined)[] => {
    const { graph } = graphIn(body);
    const found: (number | undefined)[] = [];
    const visit = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      if ("kind" in value && value.kind === "name") found.push(graph.variableOf(value as never)?.index);
      for (const part of Object.values(value)) if (part !== graph) visit(part);
    };
    for (const node of graph.nodes) if (node.kind === "return") visit(node.of);
    return found;
  };

  test("the innermost one", () => {
    expect(indexes("int c = 1; { int a = 2; return a + c; }")).toEqual([3, 2]);
  });

  test("none, where the file declares it", () => {
    expect(indexes("return elsewhere;")).toEqual([undefined]);
  });

  test("what #if declares is there behind it", () => {
    expect(indexes("\n#ifdef X\nint c = 1;\n#endif\nreturn c;")).toEqual([2]);
  });
});

describe("what is read later on", () => {
  const liveAt = (body: string, marked: string): readonly string[] => {
    const { graph, text } = graphIn(body);
    const node = graph.nodes.find(({ span }) => text.slice(span.start, span.end).startsWith(marked));
    if (node === undefined) throw new Error(`nothing begins with ${marked}`);
    return graph.liveAt(node).map(({ name }) => name);
  };

  test("not what is written first", () => {
    expect(liveAt("int c = a; b = c; return b;", "int c")).toEqual(["a"]);
  });

  test("around a loop", () => {
    expect(liveAt("int c = 0; while (a) { c += b; a--; } return c;", "c += b")).toEqual(["a", "b", "c"]);
  });

  test("what somebody else holds the address of", () => {
    expect(liveAt("int c = 0; int *p = &c; a = 1; return *p;", "a = 1")).toEqual(["c", "p"]);
  });

  test("but not what was only handed over", () => {
    expect(liveAt("int c = 0; g(&c); a = 1; return a;", "a = 1")).toEqual([]);
  });

  test("names of fields and globals as well", () => {
    const { graph } = graphIn("a = 1; return s->field + global;");
    expect(graph.isLive(graph.entry, ".field")).toBe(true);
    expect(graph.isLive(graph.entry, "global")).toBe(true);
    expect(graph.isLive(graph.entry, ".other")).toBe(false);
  });
});

test("a loop changes what is written in it, and what others hold the address of", () => {
  const { graph } = graphIn("int c = 0, d = 0, e = 0; g(&e); for (;;) { c++; if (a) break; } return d;");
  const head = graph.nodes.find(({ isLoop }) => isLoop);
  if (head === undefined) throw new Error("no loop");
  expect([...graph.changedIn(head)].map(({ name }) => name).sort()).toEqual(["c", "e"]);
});

test.each([
  "if (a) b = 1; else b = 2; a = b;",
  "switch (a) { case 1: b = 1; case 2: b = 2; break; default: b = 3; } a = b;",
  "if (a) goto first; b = 1; if (b > 2) goto second; b = 2; first: a = 1; second: a += 2; third: return a;",
  "while (a) { if (b) break; if (b > 2) continue; b = 2; } a = b;",
  "for (int i = 0; i < 4; i++) { if (b) break; b = 2; } a = b;",
  "do { if (b) continue; b = 2; } while (a); a = b;",
  "again: a++; if (a < 4) goto again; b = a;",
])("what comes behind has a lower rank, a loop's body a higher one: %s", (body) => {
  const { graph } = graphIn(body);
  const rising = [...reachedFrom(graph.entry)].flatMap((node) => {
    const within = node.kind === "branch" && node.loop === "yes" ? node.yes : undefined;
    return nextOf(node).filter((next) => (next === within || next.isLoop ? false : next.rank >= node.rank));
  });
  expect(rising).toEqual([]);
});
