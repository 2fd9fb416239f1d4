/** Licences as the kernel reads them: which it takes for compatible with the GPL, and which one a misspelt one means. */

/** license_is_gpl_compatible() of linux:include/linux/license.h compares with these, letter by letter. */
export const COMPATIBLE_LICENCES = [
  "GPL",
  "GPL v2",
  "GPL and additional rights",
  "Dual BSD/GPL",
  "Dual MIT/GPL",
  "Dual MPL/GPL",
] as const;

export function isGplCompatible(licence: string): boolean {
  // As C ends a string: whatever is written behind a zero nobody sees.
  const [seen] = licence.split("\\0");
  return COMPATIBLE_LICENCES.some((one) => one === seen);
}

/** Words of which names of the GPL's second version are made; another one makes it another licence. */
const GPL_WORDS = new Set(
  "gpl gplv2 gpl2 v2 2 0 only or later and additional rights gnu general public license licence version dual".split(
    " ",
  ),
);
/** The licences that the kernel knows beside the GPL, by their words. */
const PARTNERS: Readonly<Record<string, string>> = { bsd: "BSD", mit: "MIT", mpl: "MPL" };

/** The string that the kernel knows for the same licence in another spelling: `GPL v2` for `GPL-2.0`. Never a guess. */
export function meantLicence(licence: string): string | undefined {
  const text = licence
    .toLowerCase()
    .replace(/bsd-[234]-clause/g, "bsd")
    .replace(/mpl-(?:1\.1|2\.0)/g, "mpl");
  const words = text.split(/[^a-z0-9]+/).filter((word) => word !== "");
  const partners = words.filter((word) => PARTNERS[word] !== undefined);
  const known = words.every((word) => GPL_WORDS.has(word) || PARTNERS[word] !== undefined);
  if (!known || !(/\bgpl/.test(text) || isWrittenOut(words)) || partners.length > 1) return undefined;
  const [partner] = partners;
  // "MIT and GPL" asks for both; only a choice is a dual licence.
  if (partner !== undefined) return words.includes("and") ? undefined : `Dual ${PARTNERS[partner]}/GPL`;
  if (words.includes("rights")) return "GPL and additional rights";
  if (words.includes("and") || words.includes("additional") || words.includes("dual")) return undefined;
  const isLater = words.includes("later") || text.includes("+");
  return words.some((word) => /2$/.test(word)) && !isLater ? "GPL v2" : "GPL";
}

function isWrittenOut(words: readonly string[]): boolean {
  return words.includes("general") && words.includes("public");
}

/** bpf_lsm_verify_prog() and check_struct_ops_btf_id() of linux:kernel/bpf refuse other programs of these types. */
export const GPL_PROGRAMS: ReadonlySet<string> = new Set(["BPF_PROG_TYPE_LSM", "BPF_PROG_TYPE_STRUCT_OPS"]);
