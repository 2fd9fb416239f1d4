/** What is agreed on with the editor at its first request, before anything else of the features is loaded. */

/** Types are LSP's own, so that every theme has a colour for them; what is ours are modifiers. */
export const LEGEND = {
  tokenTypes: ["function", "macro", "variable", "property"],
  tokenModifiers: ["declaration", "defaultLibrary", "kernel", "map", "program"],
};

export const FIX_ALL = "source.fixAll.hookpoint";
