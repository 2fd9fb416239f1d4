/** What programs send to user space through a ring buffer or a perf event array: the structures, by how they are sent. */

import type { BpfModel, Call } from "./model.ts";
import type { RecordShape } from "./syntax/shape.ts";

interface Sender {
  /** Which argument is the map, the data and the size. */
  readonly map: number;
  readonly data: number | undefined;
  readonly size: number;
}

const SENDERS: Readonly<Record<string, Sender>> = {
  bpf_ringbuf_reserve: { map: 0, data: undefined, size: 1 },
  bpf_ringbuf_output: { map: 0, data: 1, size: 2 },
  bpf_perf_event_output: { map: 1, data: 3, size: 4 },
  bpf_skb_output: { map: 1, data: 3, size: 4 },
  bpf_xdp_output: { map: 1, data: 3, size: 4 },
};

/** Each structure once, in the order in which they are sent; what is sent as mere bytes is not there. */
export function recordsOf(map: string, model: BpfModel): readonly RecordShape[] {
  const found = new Map<string, RecordShape>();
  for (const call of model.calls) {
    const sender = SENDERS[call.name];
    if (sender === undefined || call.args[sender.map]?.map?.name !== map) continue;
    const shape = typesSent(call, sender, model).flatMap((type) => recordOf(type, model))[0];
    if (shape !== undefined) found.set(shape.spelling, shape);
  }
  return [...found.values()];
}

function recordOf(type: string, model: BpfModel): readonly RecordShape[] {
  const shape = model.shapeOf(type);
  return shape?.kind === "record" && shape.spelling !== "" ? [shape] : [];
}

/** What the type may be called, the surest first. */
function typesSent(call: Call, { data, size }: Sender, model: BpfModel): readonly string[] {
  const measured = /^sizeof\s*\(\s*(.*?)\s*\)$/s.exec(call.args[size]?.text ?? "")?.[1];
  const sent = data === undefined ? undefined : call.args[data]?.text;
  return [measured, sent].flatMap((text) => {
    if (text === undefined) return [];
    const [, sign, name = ""] = /^([*&]?)\s*(\w+)$/.exec(text) ?? [];
    const type = name === "" ? undefined : typeOfName(name, call, model);
    // `sizeof(*e)` and `e` mean what `e` points to; `sizeof(e)` and `&e` mean `e` itself.
    if (type !== undefined) return [sign === "*" ? type.replace(/\*\s*$/, "") : type.replace(/\s*\*\s*$/, "")];
    return sign === undefined || sign === "" ? [text] : [];
  });
}

function typeOfName(name: string, call: Call, model: BpfModel): string | undefined {
  const local = call.in && model.code.locals(call.in).find(({ text }) => text === name);
  const type =
    local?.type ??
    call.in?.params.find((param) => param.name === name)?.type ??
    model.globals.find((global) => global.name === name)?.type;
  return type?.replace(/\b(?:const|volatile|static)\b\s*/g, "").trim();
}
