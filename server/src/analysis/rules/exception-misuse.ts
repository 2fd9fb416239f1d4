/** Rule: bpf_throw() where nobody catches, or a function for exceptions that cannot be one. */

import type { Place } from "../code.ts";
import { callsIn, callsNamed, callsWhere } from "../for-rules/calls.ts";
import { mayBeLeftOut } from "../for-rules/runs.ts";
import type { BpfFunction, BpfModel, Call } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const exceptionMisuse: Rule = {
  meta: {
    id: "exception-misuse",
    group: "calls",
    summary: "Call of bpf_throw() in a callback, or an exception callback that cannot be one",
    rationale: `\`bpf_throw()\` ends the program at once, and the function named by \`__exception_cb()\` gives its result. The verifier
refuses a throw in what the kernel calls back, such as the body of \`bpf_loop()\`. The function that takes over must be
global, not \`static\`, with one number as its argument; each program names one at most; and a program may not call its own
directly.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `extern void bpf_throw(u64 cookie) __ksym;

static int turn(__u32 i, void *data)
{
	if (i > 5)
		bpf_throw(0);
	return 0;
}

SEC("tc")
int run(struct __sk_buff *skb)
{
	bpf_loop(skb->len, turn, NULL, 0);
	return 0;
}`,
        good: `extern void bpf_throw(u64 cookie) __ksym;

static int turn(__u32 i, void *data)
{
	return i > 5;
}

SEC("tc")
int run(struct __sk_buff *skb)
{
	if (bpf_loop(skb->len, turn, NULL, 0) > 5)
		bpf_throw(0);
	return 0;
}`,
        refused: { by: "kernel", says: "cannot be called from callback subprog" },
      },
      {
        bad: `#define __exception_cb(name) __attribute__((btf_decl_tag("exception_callback:" #name)))

extern void bpf_throw(u64 cookie) __ksym;

__noinline int on_throw(void)
{
	return 0;
}

SEC("tc")
__exception_cb(on_throw)
int run(struct __sk_buff *skb)
{
	bpf_throw(skb->len);
	return 0;
}`,
        good: `#define __exception_cb(name) __attribute__((btf_decl_tag("exception_callback:" #name)))

extern void bpf_throw(u64 cookie) __ksym;

__noinline int on_throw(u64 cookie)
{
	return 0;
}

SEC("tc")
__exception_cb(on_throw)
int run(struct __sk_buff *skb)
{
	bpf_throw(skb->len);
	return 0;
}`,
        unshown: "libbpf knows exception callbacks since 1.3",
      },
    ],
  },

  *check({ model }: RuleContext): Iterable<Report> {
    yield* thrownInCallbacks(model);
    yield* wrongHandlers(model);
  },
};

const THROWING = /^(?:bpf_throw|bpf_assert(?:_\w+)?)$/;

function* thrownInCallbacks(model: BpfModel): Iterable<Report> {
  for (const call of callsWhere((name) => THROWING.test(name), model)) {
    if (call.in === undefined || mayBeLeftOut(call, model)) continue;
    const site = calledBack(call.in, model, new Set());
    if (site === undefined) continue;
    yield {
      range: call.nameRange,
      message: `${call.name}() in a callback of ${site.name}(), where nobody catches it: the verifier refuses the program`,
      related: [{ range: site.range, message: "handed over here" }],
    };
  }
}

/** Where a function, or one that calls it, is handed to the kernel to be called. */
function calledBack(fn: BpfFunction, model: BpfModel, seen: Set<BpfFunction>): Call | undefined {
  if (seen.has(fn) || fn.section !== undefined || !fn.isStatic) return undefined;
  seen.add(fn);
  for (const site of model.sitesOf(fn.name)) {
    if (mayBeLeftOut(site, model)) continue;
    if (site.name !== fn.name) {
      // Their callbacks are looked at under a lock, where a call is refused for that.
      if (TAKERS.test(site.name)) return site;
      continue;
    }
    const further = site.in === undefined ? undefined : calledBack(site.in, model, seen);
    if (further !== undefined) return further;
  }
  return undefined;
}

const TAKERS =
  /^bpf_(?:loop|for_each_map_elem|find_vma|user_ringbuf_drain|timer_set_callback|wq_set_callback(?:_impl)?)$/;

interface Handler {
  readonly program: BpfFunction;
  readonly name: string;
  readonly at: Place;
}

function* wrongHandlers(model: BpfModel): Iterable<Report> {
  if (!model.code.mentions("__exception_cb")) return;
  const handled = new Set<BpfFunction>();
  for (const handler of handlersIn(model)) {
    const { program, at, name } = handler;
    if (handled.has(program)) {
      yield {
        range: at.range,
        message: `${program.name}() names a second exception callback: the verifier refuses it`,
      };
      continue;
    }
    handled.add(program);
    const fns = model.functions.filter((one) => one.name === name);
    const [fn] = fns;
    if (fn === undefined || fns.length > 1 || fn.macro !== undefined) continue;
    const wrong = whatIsWrong(fn);
    const related = [{ range: at.range, message: `named here for ${program.name}()` }];
    if (wrong !== undefined) yield { range: fn.nameRange, message: wrong, related };
    yield* thrownByHandler(fn, related, model);
    yield* calledDirectly(handler, related, model);
  }
}

function handlersIn({ code }: BpfModel): readonly Handler[] {
  return code.uses("__exception_cb").flatMap((at) => {
    const program = at.in;
    if (program?.section === undefined) return [];
    const text = code.textOf({ start: at.range.end, end: program.nameRange.start });
    const name = /^\s*\(\s*(\w+)\s*\)/.exec(text)?.[1];
    return name === undefined ? [] : [{ program, name, at }];
  });
}

function whatIsWrong(fn: BpfFunction): string | undefined {
  if (fn.isStatic) return `exception callback ${fn.name}() is static: libbpf refuses the file`;
  const params = fn.params.filter(({ type, name }) => name !== "" || type !== "void");
  if (params.length !== 1 || params[0]?.type.includes("*") === true)
    return `exception callback ${fn.name}() must have one number as its argument: the verifier refuses the program`;
  const head = fn.head;
  return /\*\s*$|\bvoid\s*$/.test(head)
    ? `exception callback ${fn.name}() must return a number: the verifier refuses the program`
    : undefined;
}

function* thrownByHandler(fn: BpfFunction, related: Report["related"], model: BpfModel): Iterable<Report> {
  for (const call of callsIn(fn, model))
    if (THROWING.test(call.name) && !mayBeLeftOut(call, model))
      yield {
        range: call.nameRange,
        message: `${call.name}() in an exception callback, where nobody catches it: the verifier refuses the program`,
        ...(related && { related }),
      };
}

function* calledDirectly({ program, name }: Handler, related: Report["related"], model: BpfModel): Iterable<Report> {
  for (const call of callsNamed(name, model)) {
    if (call.in === undefined || mayBeLeftOut(call, model)) continue;
    if (!model.runs(program.name, call.in.name)) continue;
    yield {
      range: call.nameRange,
      message: `${program.name}() calls ${name}(), its own exception callback: the verifier refuses that`,
      ...(related && { related }),
    };
  }
}
