// @ts-check
/** What goals depend on. The goals themselves stand with their rows: ratios to a peer in the same run. */

/** From Node 24 on bare Node starts in half the time, so the same work is a larger multiple of it. */
export const NODE_IS_FAST_TO_START = Number(process.versions.node.split(".")[0]) >= 24;
