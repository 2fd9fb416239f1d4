/** Family: a socket map changed where the kernel cannot be sure of its locks. */

import type { Family } from "../family.ts";

export const sockmapUpdate: Family = {
  id: "sockmap-update",
  title: "Socket map cannot be changed here",
  class: "source",
  by: "verifier",
  said: [/^cannot update sockmap in this context/],
  meaning:
    "Changing a socket map takes the lock of the socket, and this type of program may already be called with it.",
  advice: "Change it with bpf_sock_map_update() in a sockops program, from an iterator, or from user space.",
  rules: ["sockmap-update-not-allowed"],
  examples: [{ text: "cannot update sockmap in this context", from: "5.10 to 7.2" }],
};
