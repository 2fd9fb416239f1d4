/** Lines of a verifier's log that say how it works, not what is wrong: most are printed at level 2 only. */

const NOISE: readonly RegExp[] = [
  /^func#\d+ @\d+$/,
  /^func '.{1,255}' arg\d+ has btf_id \d+ type \w{1,40} '.{0,255}'$/,
  /^Validating .{1,255}\(\) func#\d+\.\.\.$/,
  /^Func#\d+ (?:\('.{0,255}'\) )?is (?:safe for any args|global and (?:valid|assumed valid))/,
  /^(?:mark_precise|force_precise): /,
  /^last_idx \d+ first_idx \d+/,
  /^regs=[0-9a-f]+ stack=[0-9a-f]+ before /,
  /^parent (?:didn't have|already had) regs=/,
  /^parent state regs=/,
  /^(?:frame \d+: )?propagating (?:r|fp-?)\d/,
  /^frame\d+ bpf_loop iteration limit reached$/,
  /^(?:cur|old) state:/,
  /^\(\d+(?:,\d+)*\) live stack update done in \d+ iterations$/,
  /^\(\d+(?:,\d+)*\) frame \d+ insn \d+ [+-]/,
  /^(?:topo_order\[\d+\] = |SCC (?:enter|exit|backedge) |arg JOIN insn \d+ |subprog#\d+: analyzing )/,
];

/** Tables with a line for each instruction, which none of these was looked at for. */
const TABLES: readonly RegExp[] = [/^Live regs before insn:$/, /^stack use\/def subprog#/, /^subprog#\d+[^:]{0,255}:$/];
const ROW = /^(?:\d+ +)?\d+: |^(?:r\d+|fp[+-]?\d+): /;

/**
 * Printed of each argument that is no pointer to something known, and of functions that nobody need care for: the reason
 * only where nothing else is said.
 */
const WEAK: readonly RegExp[] = [
  /^arg#\d+ reference type\('.{0,255}'\) size cannot be determined: -?\d+$/,
  /^reg type unsupported for arg#\d+ function /,
  /^arg#\d+ type is not a struct$/,
  /^Unrecognized arg#\d+ type [A-Z_]{2,20}$/,
  /^R\d+ is not a scalar$/,
  /^Global function .{1,255}\(\) doesn't return scalar\. Only those are supported\.$/,
];

export function isNoise(line: string): boolean {
  return NOISE.some((pattern) => pattern.test(line));
}

export function opensTable(line: string): boolean {
  return TABLES.some((pattern) => pattern.test(line));
}

export function isTableRow(line: string): boolean {
  return ROW.test(line);
}

export function isWeak(line: string): boolean {
  return WEAK.some((pattern) => pattern.test(line));
}

/** Behind these, a state is that of another instruction, looked at again. */
export function looksBack(line: string): boolean {
  return /^(?:mark_precise|force_precise|last_idx|regs=|parent )/.test(line);
}
