/** Family: a value of a map without the field that a helper works on. */

import type { Family } from "../family.ts";
import { valueCameFrom } from "../story/value.ts";

export const specialFieldMissing: Family = {
  id: "special-field-missing",
  title: "Not the field that this call works on",
  class: "source",
  by: "verifier",
  said: [
    /^map '([^']*)' has to have BTF in order to use (\w+)/,
    /^map '([^']*)' has no valid (\w+)/,
    /^map '([^']*)' doesn't have 'struct (\w+)'/,
    /^map '([^']*)' has more than one 'struct (\w+)'/,
    /^map '([^']*)' is not a struct type or (\w+) is mangled/,
    /^()off -?\d+ doesn't point to 'struct (\w+)'/,
    /^()\S+ doesn't have constant offset\. (\w+) has to be at the constant offset/,
    /^()(?:bpf_obj|kptr|local kptr|allocated object) '[^']*' has no valid (\w+)/,
    /^()R\d+ is not a pointer to (map_value)$/,
    /^()\S+ doesn't point to (map value or allocated object|a map value)/,
  ],
  meaning: ({ match: { 0: all, 1: map, 2: field = "" } }) => {
    const what = field.startsWith("bpf_") ? `struct ${field}` : field.startsWith("kptr") ? "kptr" : field;
    if (all.includes("BTF"))
      return `The map ${map} was declared without the type of its value (__uint(value_size, …)), so that the kernel does not know whether there is a ${what} in it.`;
    if (all.includes("more than one"))
      return `The value of the map ${map} has more than one struct ${field}, and the kernel allows one.`;
    if (all.includes("constant offset"))
      return "Which field is meant depends on a variable. The kernel must know its place in the value when the program is loaded.";
    if (field.startsWith("map"))
      return "The call takes a field inside of a map's value, and this pointer is to something else, the stack for example.";
    return `The call needs a pointer to a ${what} inside of a map's value or of an allocated object, and at this place there is none.`;
  },
  advice: ({ match: { 0: all, 2: field = "" } }) => {
    if (all.includes("BTF")) return "Declare the value with __type(value, struct …), and build with -g.";
    if (field.startsWith("bpf_"))
      return `Put a struct ${field} into the struct that is the map's value, at its top level, and pass its address: &value->lock, for example.`;
    return "Pass the address of the field itself in the value that the lookup gave.";
  },
  story: (found) => valueCameFrom(found, "R1"),
  rules: ["misplaced-field", "wrong-contents", "unsupported-map-field"],
  examples: [
    { text: "map 'counts' has to have BTF in order to use bpf_spin_lock", from: "5.1 to 7.2" },
    { text: "map 'counts' has no valid bpf_spin_lock", from: "6.2 to 7.2" },
    { text: "map 'counts' doesn't have 'struct bpf_timer'", from: "5.15 to 6.1" },
    { text: "map 'counts' has more than one 'struct bpf_spin_lock'", from: "5.1 to 6.1" },
    { text: "map 'counts' is not a struct type or bpf_spin_lock is mangled", from: "5.1 to 6.1" },
    { text: "off 16 doesn't point to 'struct bpf_spin_lock' that is at 0", from: "6.2 to 7.2" },
    { text: "R1 doesn't have constant offset. bpf_timer has to be at the constant offset", from: "5.15 to 7.2" },
    { text: "local kptr 'struct node' has no valid bpf_spin_lock", from: "6.2 to 7.2" },
    { text: "R1 is not a pointer to map_value", from: "5.1 to 5.9" },
    { text: "arg#0 doesn't point to a map value", from: "6.10 to 7.1" },
  ],
};
