// @ts-check
/** Runs the rules over real files and says in which function each finding stands, for the tools that hold findings against kernels. */

import { fileURLToPath } from "node:url";
import { buildKnowledge } from "../../data/tools/build.mjs";
import { loadCore } from "./corpus.mjs";

/** @typedef {{ name: string, from: number, to: number, head: number, text: string, naked: boolean, wrapped: boolean }} Fn lines from 1; the first is that of its section, head the last before its body */
/** @typedef {{ line: number, rule: string, severity: string, message: string, fn: Fn | undefined, also: (Fn | undefined)[] }} Listed `also` are the functions of places that it names */
/**
 * @typedef {object} Looked
 * @property {Listed[]} findings
 * @property {Fn[]} functions
 * @property {(name: string) => ReadonlySet<string>} reaches
 * @property {(name: string) => string} unwalked why a program was not walked through on every path; empty where it was
 */
/** @typedef {{ rules?: (meta: any) => boolean, target?: readonly string[] }} Choice which rules, and for which kernels */

/** @param {Choice} choice @returns {Promise<{ core: any, look: (source: import("./corpus.mjs").Source) => Promise<Looked> }>} */
export async function linter({ rules: wanted = () => true, target = [] }) {
  const core = await loadCore();
  const kb = core.knowledgeBase(buildKnowledge(fileURLToPath(new URL("../../data", import.meta.url))));
  const rules = core.rules.filter((/** @type {any} */ { meta }) => wanted(meta));
  const { targets } = core.readTargets(target, { distribution: kb.distribution, profile: () => undefined });
  return {
    core,
    look: async (source) => {
      const headers = await core.headersOf(source);
      const { model, lines, tree } = core.build(source.text, { headers });
      /** @type {any[]} */
      const found = core.lint({ model, kb, targets, loader: "libbpf", arch: "" }, { rules });
      /** @type {Fn[]} */
      const functions = model.functions.map((/** @type {any} */ one) => functionOf(one, source.text, lines));
      const findings = found.map(({ range, rule, severity, message, related = [] }) => ({
        line: range.start.line + 1,
        rule: rule.id,
        severity,
        message,
        fn: functionAt(functions, range.start.line + 1),
        also: related.map((/** @type {any} */ place) => functionAt(functions, place.range.start.line + 1)),
      }));
      const reached = new Map(functions.map(({ name }) => [name, model.reaches(name)]));
      const { unfinished } = core.flowOf({ model, kb, loader: "libbpf" });
      const unread = functions
        .filter(({ name }) => model.routine(name)?.body.isWhole === false)
        .map(({ name }) => name);
      tree.dispose();
      return {
        findings,
        functions,
        reaches: (name) => reached.get(name) ?? new Set(),
        unwalked: (name) =>
          unread.includes(name) ? "not read whole" : unfinished.includes(name) ? "some ways given up" : "",
      };
    },
  };
}

/** @param {readonly Fn[]} functions @param {number | undefined} line from 1 */
export function functionAt(functions, line) {
  return line === undefined ? undefined : functions.find(({ from, to }) => from <= line && line <= to);
}

/** @param {any} fn @param {string} text @param {any} lines @returns {Fn} */
function functionOf({ name, range, nameRange, macro }, text, lines) {
  const start = lines.offsetAt(range.start);
  const head = text.slice(start, lines.offsetAt(nameRange.end));
  const whole = text.slice(start, lines.offsetAt(range.end));
  return {
    name,
    from: range.start.line + 1,
    to: range.end.line + 1,
    head: range.start.line + 1 + breaksIn(whole.slice(0, Math.max(0, whole.indexOf("{")))),
    text: whole,
    wrapped: macro !== undefined,
    naked: /\b__naked\b/.test(head),
  };
}

/** What the selftests say of a program before its name. @param {Fn | undefined} fn @returns {string | undefined} */
export function markOf(fn) {
  const head = fn?.text.slice(0, fn.text.indexOf("{"));
  return head === undefined ? undefined : /__(success|failure)\b/.exec(head)?.[1];
}

/**
 * Whether what is blamed at a line of a file is written in assembler, where no rule for C has a say: `assembler` where the
 * line is one of such a statement, `assembled` where the function does nothing else, or where a statement further up writes to
 * a variable that the line names.
 * @param {Fn} fn @param {number} line from 1
 * @returns {"assembler" | "assembled" | undefined}
 */
export function assemblerAt(fn, line) {
  if (fn.naked) return "assembler";
  const text = withoutComments(fn.text);
  const statements = [...text.matchAll(ASSEMBLER)];
  if (statements.length === 0) return undefined;
  const places = statements.map(({ index, 0: found }) => {
    const from = fn.from + breaksIn(text.slice(0, index));
    return { from, to: from + breaksIn(found), found };
  });
  if (places.some(({ from, to }) => from <= line && line <= to)) return "assembler";
  const words = new Set((text.split("\n")[line - fn.from] ?? "").match(/\w+/g));
  const isChanged = places.some(({ to, found }) => to < line && writtenBy(found).some((name) => words.has(name)));
  return isChanged || isNothingElse(text) ? "assembled" : undefined;
}

/** With a template that is not empty: an empty one changes nothing. */
const ASSEMBLER = /\b(?:asm|__asm__)\s+(?:volatile|__volatile__)\s*\((?!\s*"")(?:"(?:[^"\\]|\\[\s\S])*"|[^";])*\)\s*;/g;

/** The variables that such a statement writes to: its outputs, behind the first colon. @param {string} statement */
function writtenBy(statement) {
  const outputs = statement.replace(/"(?:[^"\\]|\\[\s\S])*"/g, '""').split(":")[1] ?? "";
  return [...outputs.matchAll(/\(\s*(\w+)\s*\)/g)].map(([, name = ""]) => name);
}

/** Beside assembler there are variables without a value, and a constant is returned. @param {string} text */
function isNothingElse(text) {
  const body = text.slice(text.indexOf("{") + 1, text.lastIndexOf("}")).replace(ASSEMBLER, "");
  return /^\s*(?:(?:struct\s+)?\w+[\s*]+\w+(?:\[\w+\])?\s*;\s*)*(?:return\s+-?\w+\s*;\s*)?$/.test(body);
}

/** As long as before, with its lines where they were. @param {string} text */
function withoutComments(text) {
  return text.replace(/"(?:[^"\\\n]|\\[\s\S])*"|\/\*[\s\S]*?\*\/|\/\/.*/g, (found) =>
    found.startsWith('"') ? found : found.replace(/[^\n]/g, " "),
  );
}

/** @param {string} text */
function breaksIn(text) {
  return text.split("\n").length - 1;
}
