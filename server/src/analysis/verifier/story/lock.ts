/** The story of what is held: where a lock, or a section without sleep, began. */

import type { Chapter } from "../answer.ts";
import { branchTold } from "./branch.ts";
import { chaptersOf } from "./chapters.ts";
import { operationAt, wayTo } from "./path.ts";
import type { Scene } from "./scene.ts";

/** The last call of one of these that no call of the others has ended yet. */
export interface Held {
  /** `["bpf_spin_lock"]` */
  readonly by: readonly string[];
  /** `["bpf_spin_unlock"]` */
  readonly endedBy: readonly string[];
  /** "the lock is taken" */
  readonly text: string;
}

export const SPIN_LOCK: Held = {
  by: ["bpf_spin_lock", "bpf_res_spin_lock", "bpf_res_spin_lock_irqsave"],
  endedBy: ["bpf_spin_unlock", "bpf_res_spin_unlock", "bpf_res_spin_unlock_irqrestore"],
  text: "here the lock is taken",
};

export const RCU: Held = {
  by: ["bpf_rcu_read_lock"],
  endedBy: ["bpf_rcu_read_unlock"],
  text: "here the RCU read section begins",
};

export const PREEMPTION: Held = {
  by: ["bpf_preempt_disable"],
  endedBy: ["bpf_preempt_enable"],
  text: "here preemption is switched off",
};

export const INTERRUPTS: Held = {
  by: ["bpf_local_irq_save"],
  endedBy: ["bpf_local_irq_restore"],
  text: "here interrupts are switched off",
};

export function lockWasTaken(found: Scene, held: Held = SPIN_LOCK): readonly Chapter[] {
  const { at, log } = found;
  if (at === undefined) return [];
  const open: number[] = [];
  for (const i of wayTo(log, at)) {
    const operation = operationAt(log, i);
    if (operation.kind !== "call" || i === at) continue;
    if (held.by.includes(operation.name)) open.push(i);
    if (held.endedBy.includes(operation.name)) open.pop();
  }
  const taken = open.at(-1);
  if (taken === undefined) return [];
  return chaptersOf(found, [{ at: taken, text: held.text, weight: 3 }, ...branchTold(found, at, taken)]);
}
