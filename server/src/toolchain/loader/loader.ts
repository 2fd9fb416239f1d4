/** A program in C that loads, attaches and listens: written from what is known of the source, complete as it is. */

import { cgroups, namespaces, socketMaps } from "./groups.ts";
import { socketFilters, tcx, trafficControl, xdp } from "./interface.ts";
import { byHand, extensions, netfilter, structOps, systemCalls } from "./other-programs.ts";
import type { Loader, LoaderModel, LoaderNames, Part } from "./part.ts";
import { perfBuffers } from "./perf-buffer.ts";
import { printedMaps, printMaps } from "./print-maps.ts";
import { ringBuffers } from "./ring-buffer.ts";
import { constants, mapSizes } from "./settings.ts";
import { bareProbes, iterators, perfEvents, tracefs, trampolines } from "./tracing.ts";
import { sharedTypes } from "./types.ts";
import { writeLoader } from "./write-loader.ts";

export type { LoaderModel, LoaderNames } from "./part.ts";

/** The loader's whole text. It needs the skeleton's header beside it, and libbpf 1.0 or newer. */
export function cLoader(model: LoaderModel, names: LoaderNames): string {
  const loader = loaderOf(model, names);
  const { programs } = loader;
  const maps = model.maps.filter(({ dialect }) => dialect === "btf");
  const printed = printedMaps(maps);
  const events = [ringBuffers(maps, loader), perfBuffers(maps, loader)];
  const before = [
    tracefs(programs),
    trampolines(programs),
    xdp(programs),
    trafficControl(programs),
    tcx(programs),
    socketFilters(programs),
    cgroups(programs),
    namespaces(programs),
    socketMaps(programs, maps),
    bareProbes(programs),
    perfEvents(programs),
    netfilter(programs),
    extensions(programs),
    structOps(model.globals),
    ...events,
    printMaps(
      printed,
      events.some((part) => part !== undefined),
    ),
    iterators(programs, maps),
    systemCalls(programs),
    byHand(programs),
    mapSizes(maps),
  ].filter((part): part is Part => part !== undefined);
  const taken = ["help", "verbose", ...before.flatMap(({ options = [] }) => options.map(({ name }) => name))];
  const globals = model.globals.flatMap(({ shape, kind }) =>
    shape !== null && ["rodata", "data", "bss"].includes(kind) ? [shape] : [],
  );
  const shapes = [
    ...globals,
    ...maps.flatMap(({ records }) => records),
    ...printed.flatMap(({ key, value }) => [key, value]),
  ];
  return writeLoader(loader, [...before, constants(model.globals, taken)], sharedTypes(shapes, loader));
}

function loaderOf(model: LoaderModel, names: LoaderNames): Loader {
  // What stands in a program array is called by other programs, not by the kernel.
  const called = new Set(
    model.maps.filter(({ type }) => type === "BPF_MAP_TYPE_PROG_ARRAY").flatMap(({ values }) => values),
  );
  return {
    model,
    names,
    programs: model.programs.filter(({ name, autoload }) => autoload !== false && !called.has(name)),
  };
}
