import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: "test/support/build.ts",
    // What a program printed is the message of a test that expected nothing: 40 characters of it would not say what went wrong.
    chaiConfig: { truncateThreshold: 600 },
    include: ["test/kernel/**/*.test.ts"],
    // Every file has a place of its own in the kernel; one alone would leave a core to wait for guests.
    maxWorkers: 2,
    // One compiler per core.
    maxConcurrency: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
