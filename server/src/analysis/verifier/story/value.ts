/** The story of a value: where a register got it, and what was done to it since. */

import type { Chapter } from "../answer.ts";
import { boundsOf, rangeText } from "./bounds-of.ts";
import { assignmentOf, chaptersOf, type Told, variableFor } from "./chapters.ts";
import { type Event, type History, historyOf, stateBefore, stateOf } from "./history.ts";
import type { Operation } from "./operation.ts";
import { stepBefore } from "./path.ts";
import type { Scene } from "./scene.ts";

/**
 * @param name `R0`, or `fp-8` for a place on the stack, as it was just before the step
 * @param at index of the step; that which the message is about where it is left out
 */
export function valueCameFrom(found: Scene, name: string, at: number | undefined = found.at): readonly Chapter[] {
  if (at === undefined) return [];
  const history = historyOf(found.log, at, name);
  return chaptersOf(found, [...beginning(found, history, at), ...toldOf(found, history.events)]);
}

/** What is worth telling of the events, in words. */
export function toldOf(found: Scene, events: readonly Event[], noun = "the value"): readonly Told[] {
  return events.flatMap((event): readonly Told[] => {
    const text = textOf(found, event, noun);
    return text === undefined ? [] : [{ ...event, text, weight: WEIGHTS[event.kind] ?? 0 }];
  });
}

const WEIGHTS: Partial<Record<Event["kind"], number>> = {
  call: 3,
  load: 3,
  callback: 3,
  arithmetic: 4,
  argument: 2,
  returned: 2,
};

function textOf(found: Scene, event: Event, noun: string): string | undefined {
  const { kind, at, name, operation } = event;
  const line = found.placeOf(at)?.text;
  switch (kind) {
    case "call":
      return operation.kind === "call" ? resultText(operation, line, noun) : undefined;
    case "load":
      return loadText(found, event, line, noun);
    case "constant": {
      const assignment = assignmentOf(line);
      if (operation.kind !== "constant" || operation.value === undefined) return undefined;
      return assignment === undefined || !/^-?\w+\s*;/.test(assignment.value)
        ? undefined
        : `here ${assignment.variable} is set to ${assignment.value.replace(/\s*;.*$/, "")}`;
    }
    case "arithmetic":
      return addedText(found, event);
    case "argument":
      return `here the function is called with ${noun} as argument ${name.slice(1)}`;
    case "callback":
      return operation.kind === "call"
        ? `${operation.name} calls the function from here, with ${noun} as argument ${name.slice(1)}`
        : undefined;
    case "returned": {
      const variable = assignmentOf(line)?.variable;
      return variable === undefined
        ? `here the function that is called gives ${noun} back`
        : `here ${variable} gets what the function gives back`;
    }
    case "clobbered":
      return `after this call ${name} holds nothing that may be used`;
    case "written":
      return name.startsWith("fp") ? "here that part of the stack is written" : undefined;
    default:
      return undefined;
  }
}

type Call = Operation & { readonly kind: "call" };

function resultText({ name, what }: Call, line: string | undefined, noun: string): string {
  if (what === "subprogram") {
    const variable = assignmentOf(line)?.variable;
    return variable === undefined
      ? `${noun} is what the called function gives back`
      : `here ${variable} gets what the called function gives back`;
  }
  const variable = variableFor(line, name);
  return variable === undefined ? `${noun} is the result of ${name}` : `here ${variable} gets the result of ${name}`;
}

function loadText(found: Scene, { at, operation }: Event, line: string | undefined, noun: string): string | undefined {
  if (operation.kind !== "load") return undefined;
  const { base } = operation.memory;
  const assignment = assignmentOf(line);
  const what = assignment === undefined || /[-+*/%&|^?]/.test(plain(assignment.value)) ? noun : assignment.variable;
  // The register itself may be what is loaded into: what it was before counts.
  const own = operation.to === base ? stateBefore(found.log, at, base) : stateOf(found.log, at, base);
  const from = memoryText(own);
  return from === undefined ? `here ${what} is read from memory` : `here ${what} is read from ${from}`;
}

/** A member of something is no calculation, nor is a cast. */
const plain = (text: string): string => text.replace(/->|\(\s*[\w\s]+\*+\s*\)|^\*/g, "").replace(/;.*$/, "");

function memoryText(state: string | undefined): string | undefined {
  const bounds = boundsOf(state);
  if (bounds === undefined) return undefined;
  const { type, map } = bounds;
  if (type === "ctx") return "the context";
  if (type === "pkt" || type === "pkt_meta") return "the packet";
  if (type.startsWith("map_value")) {
    if (map === undefined) return "the value of a map";
    return /\.(?:data|bss|rodata)/.test(map) ? "a global variable" : `the value of the map ${map}`;
  }
  if (type.startsWith("fp")) return "the stack";
  if (type.startsWith("ringbuf_mem")) return "the entry of the ring buffer";
  const struct = /^(?:\w+_)?ptr_(?!or_null)(\w+?)(?:_or_null)?$/.exec(type)?.[1];
  return struct === undefined ? undefined : `struct ${struct} of the kernel`;
}

/** Of what is done to a pointer only a variable amount changes what is known of it. */
function addedText(found: Scene, { at, operation, name }: Event): string | undefined {
  if (operation.kind !== "arithmetic" || operation.from === undefined || !/^[-+]=$/.test(operation.operator))
    return undefined;
  const [left, right] = [stateBefore(found.log, at, name), stateOf(found.log, at, operation.from)].map(boundsOf);
  if (left === undefined || right === undefined || left.type === "scalar" || right.type !== "scalar") return undefined;
  const range = rangeText(right);
  const amount = range === undefined ? "an amount of which nothing is known" : `an amount ${range}`;
  return operation.operator === "+=" ? `here ${amount} is added to the pointer` : `here ${amount} is taken from it`;
}

/** A value that the log does not show coming to be. */
function beginning(found: Scene, { complete, end }: History, at: number): readonly Told[] {
  if (complete || end.frame !== 0 || end.name !== "R1" || found.log.cut === "beginning" || found.log.cut === "middle")
    return [];
  let first = at;
  for (let i: number | undefined = at; i !== undefined; i = stepBefore(found.log, i)) first = i;
  return found.log.steps[first]?.instruction === 0
    ? [{ at: first, text: "this is the context that the program is called with" }]
    : [];
}
