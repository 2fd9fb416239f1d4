import { expect, test } from "vitest";
import { COMPATIBLE_LICENCES, isGplCompatible, meantLicence } from "../../server/src/analysis/licences.ts";

test("the kernel compares letter by letter, up to a zero", () => {
  for (const licence of COMPATIBLE_LICENCES) expect(isGplCompatible(licence), licence).toBe(true);
  for (const licence of ["gpl", "GPL ", " GPL", "GPLv2", "GPL-2.0", "Dual GPL/BSD", "MIT", "LGPL", ""])
    expect(isGplCompatible(licence), licence).toBe(false);
  expect(isGplCompatible("GPL\\0 or so")).toBe(true);
});

test("the same licence in another spelling is known", () => {
  const spellings: readonly (readonly [string, string])[] = [
    ["gpl", "GPL"],
    ["GPL ", "GPL"],
    ["GPLv2", "GPL v2"],
    ["gpl-v2", "GPL v2"],
    ["GPL-2.0", "GPL v2"],
    ["GPL-2.0-only", "GPL v2"],
    ["GPL-2.0-or-later", "GPL"],
    ["GPL-2.0+", "GPL"],
    ["GNU General Public License", "GPL"],
    ["gpl and additional rights", "GPL and additional rights"],
    ["BSD/GPL", "Dual BSD/GPL"],
    ["Dual GPL/BSD", "Dual BSD/GPL"],
    ["dual mit/gpl", "Dual MIT/GPL"],
    ["Dual MIT/GPLv2", "Dual MIT/GPL"],
    ["GPL-2.0 OR BSD-2-Clause", "Dual BSD/GPL"],
    ["(GPL-2.0-only OR MPL-2.0)", "Dual MPL/GPL"],
  ];
  for (const [written, meant] of spellings) expect(meantLicence(written), written).toBe(meant);
});

test("another licence is none of them, however near it is", () => {
  const others = [
    "LGPL",
    "LGPL-2.1-or-later",
    "AGPL-3.0",
    "GPL-3.0",
    "GPL v3",
    "GPL-1.0-only",
    "MIT",
    "BSD",
    "Apache-2.0",
  ];
  const mixed = [
    "Proprietary",
    "",
    "Apache/GPL",
    "GPL-2.0 AND BSD-2-Clause",
    "LGPL-2.1 OR BSD-2-Clause",
    "MIT/BSD/GPL",
  ];
  for (const licence of [...others, ...mixed]) expect(meantLicence(licence), licence).toBeUndefined();
});
