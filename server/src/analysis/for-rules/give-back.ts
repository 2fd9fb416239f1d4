/** The call that gives back what another one took, as it would be written in this file. */

import type { Found } from "../flow/walk.ts";
import { hasVmlinux } from "../kernel-headers.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import type { BpfModel } from "../model.ts";

const BY_NAME: Readonly<Record<string, string>> = {
  bpf_ringbuf_reserve: "bpf_ringbuf_discard($, 0);",
  bpf_ringbuf_reserve_dynptr: "bpf_ringbuf_discard_dynptr($, 0);",
  bpf_dynptr_from_file: "bpf_dynptr_file_discard($);",
  bpf_sk_lookup_tcp: "bpf_sk_release($);",
  bpf_sk_lookup_udp: "bpf_sk_release($);",
  bpf_skc_lookup_tcp: "bpf_sk_release($);",
  bpf_obj_new: "bpf_obj_drop($);",
  bpf_obj_new_impl: "bpf_obj_drop_impl($, NULL);",
  bpf_percpu_obj_new: "bpf_percpu_obj_drop($);",
  bpf_percpu_obj_new_impl: "bpf_percpu_obj_drop_impl($, NULL);",
  bpf_refcount_acquire: "bpf_obj_drop($);",
  bpf_refcount_acquire_impl: "bpf_obj_drop_impl($, NULL);",
};

/** Undefined where no variable holds it, or nothing is known that takes it. */
export function givingBack(
  { about, facts, thing }: Found,
  { model, kb }: { readonly model: BpfModel; readonly kb: KnowledgeBase },
): string | undefined {
  const { holder, type } = facts ?? {};
  if (typeof holder !== "string") return undefined;
  const named = BY_NAME[asWritten(about, thing?.source.span.start, model)];
  if (named !== undefined) return named.replace("$", holder);
  const iterator = /^bpf_iter_(\w+)_new$/.exec(about)?.[1];
  if (iterator !== undefined) return `bpf_iter_${iterator}_destroy(${holder});`;
  const name = releaseFor(about, String(type ?? ""), kb);
  if (name === undefined || !(hasVmlinux(model) || model.declared(name) !== undefined)) return undefined;
  return `${name}(${holder});`;
}

/** A macro's name, where one stands in the file for the function. */
function asWritten(name: string, start: number | undefined, { code }: BpfModel): string {
  const word = start === undefined ? undefined : /^\w+/.exec(code.text.slice(start, start + 64))?.[0];
  return word !== undefined && word in BY_NAME && name.startsWith(word) ? word : name;
}

/** The kfunc that takes such things, where there is only one. */
function releaseFor(about: string, type: string, { facts }: KnowledgeBase): string | undefined {
  const wanted = bare(type);
  if (!wanted.startsWith("struct ")) return undefined;
  const takers = facts.kfuncs.filter(
    ({ flags, params, until, name }) =>
      flags.includes("KF_RELEASE") &&
      until === undefined &&
      bare(params?.[0]?.type ?? "") === wanted &&
      !SPECIAL.test(name),
  );
  const [first, ...others] = takers.filter(
    ({ name }) => takers.length === 1 || /idle/.test(name) === /idle/.test(about),
  );
  return others.length === 0 ? first?.name : undefined;
}

/** They do more than giving back. */
const SPECIAL = /_insert_|^bpf_qdisc_|^bpf_kfree_skb$/;

function bare(type: string): string {
  return type
    .replace(/\bconst\b|\*/g, "")
    .replace(/\s+/g, " ")
    .trim();
}
