/** Family: a value of the kernel's configuration that is not there, or does not fit. */

import type { Family } from "../family.ts";

export const kernelConfiguration: Family = {
  id: "kernel-configuration",
  title: "Kernel's configuration does not have this",
  class: "environment",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?extern \(kcfg\) '?([^' =]+)'?[=:] ?(?:value .+|invalid string config .+|long string .+|type is unsupported|unrecognized virtual extern|failed to get kernel version|should be .+|\S+ (?:should be|value doesn't fit) .+)/,
    /^(?:libbpf: )?extern \(kcfg\) '([^']+)' type is unsupported/,
    /^(?:libbpf: )?failed to open system Kconfig/,
    /^(?:libbpf: )?(?:error parsing (?:system|in-memory) Kconfig line '(.+)'|failed to (?:determine alignment|resolve size) of extern \(kcfg\) '([^']+)'): -?\S+/,
  ],
  meaning: ({ match: { 0: all, 1: name } }) =>
    all.includes("open system Kconfig")
      ? "The program asks for values of the kernel's configuration (__kconfig), and that is neither in /boot/config-RELEASE nor in /proc/config.gz."
      : `${name ?? "A value"} of the kernel's configuration is declared with a type that its value does not have: y, m and n are for bool, char and enum libbpf_tristate, numbers for integers, texts for arrays of char.`,
  advice: ({ match: { 0: all } }) =>
    all.includes("open system Kconfig")
      ? "Install the configuration, or declare the values __weak, which makes them 0; or pass them with kconfig in the options at opening."
      : "Declare it with the type that its value has, and __weak where some kernels do not have it.",
  examples: [
    {
      text: "libbpf: extern (kcfg) 'CONFIG_HZ': value 'y' implies bool, tristate, or char type",
      from: "libbpf 0.8 and later",
    },
    { text: "libbpf: extern (kcfg) 'CONFIG_HZ' type is unsupported", from: "libbpf before 0.8" },
    { text: "libbpf: extern (kcfg) CONFIG_HZ=100 should be integer", from: "libbpf before 0.8" },
    { text: "libbpf: failed to open system Kconfig", from: "libbpf 0.0.7 and later" },
    { text: "libbpf: error parsing system Kconfig line 'CONFIG_HZ=250': -22", from: "libbpf 0.0.7 and later" },
  ],
};
