/** Family: a timer that is set up with another map than its own. */

import type { Family } from "../family.ts";

export const timerMap: Family = {
  id: "timer-map",
  title: "Not the map that this lies in",
  class: "source",
  by: "verifier",
  said: [
    /^(timer|workqueue|bpf_task_work) pointer in R\d+ map_uid=\d+ doesn't match map pointer in R\d+ map_uid=\d+/,
    /^pointer in (?:R\d+) isn't map pointer/,
  ],
  meaning:
    "The map that is passed must be the very one in whose value the timer (or the work) lies: it is kept alive by that map.",
  advice: "Pass the map that the value was looked up in: bpf_timer_init(&value->timer, &that_map, CLOCK_MONOTONIC).",
  rules: ["timer-of-another-map"],
  examples: [
    { text: "timer pointer in R1 map_uid=0 doesn't match map pointer in R2 map_uid=0", from: "5.15 to 7.2" },
    { text: "pointer in R2 isn't map pointer", from: "6.10 to 7.2" },
  ],
};
