/** Family: the program that has the function which another replaces was not given, or is of no use. */

import type { Family } from "../family.ts";

export const replacedProgram: Family = {
  id: "replaced-program",
  title: "The replaced program is missing",
  class: "environment",
  by: "loader",
  said: [
    /^(?:libbpf: )?(?:prog '([^']+)': )?attach program FD is not set/,
    /^(?:agent: )?(?:prog '[^']+': )?target: (?:it|program '[^']+') cannot be (?:opened|loaded): (.+)/,
    /^(?:agent: )?(?:prog '[^']+': )?target: no program of it has a function '([^']+)': not found/,
    /^(?:agent: )?(?:prog '[^']+': )?target: there is no program '([^']+)' in it: not found/,
    /^(?:agent: )?(?:prog '[^']+': )?target: its program '([^']+)' cannot be the one, the function was not found in it/,
  ],
  classify: ({ match: { 0: all } }) => (all.includes("has a function") ? "source" : "environment"),
  meaning: ({ match: { 0: all } }) => {
    if (all.includes("FD is not set"))
      return "A freplace program takes the place of a function of another program, which must be loaded first; nobody said which program that is.";
    if (all.includes("cannot be"))
      return all.includes("the one")
        ? "The program that was named as the one to replace a function of does not have that function: it was inlined, or is in another one."
        : "The program that has the function to be replaced could not be loaded itself.";
    if (all.includes("there is no program")) return "The object of the target has no program by that name.";
    return "None of the target's programs has the function that is to be replaced: it has another name there, was inlined, or nothing calls it.";
  },
  advice: ({ match: { 0: all } }) => {
    if (all.includes("FD is not set"))
      return "Verify it with hookpoint verify --target FILE, the source or the object of the other program; a loader calls bpf_program__set_attach_target() with that program's file descriptor before it loads this one.";
    if (/cannot be (?:opened|loaded)/.test(all))
      return "Verify the target by itself: hookpoint verify FILE says what is wrong with it.";
    if (/there is no program|cannot be the one/.test(all))
      return "Give the target without a program: then the one that has the function is taken. hookpoint inspect FILE says which programs it has.";
    return "In the target the function must be global (not static), __noinline and called; its name stands behind freplace/ in SEC().";
  },
  examples: [
    { text: "libbpf: prog 'x': attach program FD is not set", from: "libbpf 0.3 and later" },
    {
      text: "agent: prog 'x': target: program 'parse' cannot be loaded: Permission denied",
      from: "hookpoint verify --target",
    },
    {
      text: "agent: prog 'x': target: no program of it has a function 'parse': not found",
      from: "hookpoint verify --target",
    },
    {
      text: "agent: prog 'x': target: there is no program 'parse' in it: not found",
      from: "hookpoint verify --target",
    },
    {
      text: "agent: prog 'x': target: its program 'pass' cannot be the one, the function was not found in it",
      from: "hookpoint verify --target",
    },
  ],
};
