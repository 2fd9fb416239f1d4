// @ts-check
/** What the bench answers: rows that stand beside a peer and before a goal, and how they are printed. */

import { median } from "./statistics.mjs";

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {"ms" | "MB"} unit
 * @property {number} ours
 * @property {number} [peer]
 * @property {number} [ratio] ours / peer: below 1 is better than the peer
 * @property {number} [goal] the ratio to stay under
 * @property {boolean} [met]
 *
 * @typedef {object} Group
 * @property {string} title
 * @property {string} ours heading of our column
 * @property {string} peer heading of the peer's column
 * @property {readonly Row[]} rows
 */

/**
 * @param {string} name
 * @param {number} ours
 * @param {number} [peer]
 * @param {number} [goal]
 * @param {"ms" | "MB"} [unit]
 * @returns {Row}
 */
export function row(name, ours, peer, goal, unit = "ms") {
  if (peer === undefined || !Number.isFinite(peer)) return { name, unit, ours };
  const ratio = ours / peer;
  return { name, unit, ours, peer, ratio, ...(goal === undefined ? {} : { goal, met: ratio <= goal }) };
}

/**
 * The medians of one measurement on both sides; no row when ours was never taken.
 * @param {string} name
 * @param {readonly number[] | undefined} ours
 * @param {readonly number[] | undefined} peer
 * @param {number} [goal]
 * @param {"ms" | "MB"} [unit]
 * @returns {readonly Row[]}
 */
export function medianRow(name, ours, peer, goal, unit) {
  if (ours === undefined || ours.length === 0) return [];
  return [row(name, median(ours), peer === undefined || peer.length === 0 ? undefined : median(peer), goal, unit)];
}

/** @param {Group} group */
export function render({ title, ours, peer, rows }) {
  const lines = rows.map((entry) => [
    entry.name,
    amount(entry.ours, entry.unit),
    entry.peer === undefined ? "" : amount(entry.peer, entry.unit),
    entry.ratio === undefined ? "" : fraction(entry.ratio),
    entry.goal === undefined ? "" : `≤ ${fraction(entry.goal)}`,
    entry.met === undefined ? "" : entry.met ? "✓" : "✗",
  ]);
  const table = [["", ours, peer, "ratio", "goal", ""], ...lines];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0))) ?? [];
  const body = table.map((cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
  return [title, ...body.map((line) => `  ${line}`)].join("\n");
}

/** Compilers and their servers: what people would use instead. Bare Node is a floor, not a peer that could win. */
const PEERS = ["clangd", "clang -fsyntax-only"];

/**
 * Says plainly in what a peer is better.
 * @param {readonly Group[]} groups
 * @returns {readonly string[]}
 */
export function peerWins(groups) {
  return groups.flatMap(({ title, peer, rows }) => {
    const lost = PEERS.includes(peer) ? rows.filter(({ ratio = 0 }) => ratio > 1) : [];
    if (lost.length === 0) return [];
    const list = lost.map(({ name, ratio = 1 }) => `${name} (${fraction(ratio)})`);
    return [`${peer} wins. ${title}: ${list.join("; ")}.`];
  });
}

/** @param {number} value @param {string} unit */
function amount(value, unit) {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  return `${value.toFixed(digits)} ${unit}`;
}

/** `1/12` reads better than `0.08x`. @param {number} ratio */
function fraction(ratio) {
  if (ratio >= 1) return `${Number(ratio.toFixed(2))}x`;
  const inverse = 1 / ratio;
  return `1/${Number(inverse.toFixed(inverse >= 10 ? 0 : 1))}`;
}
