import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/vscode/**", "test/kernel/**", "node_modules/**"],
    globalSetup: "test/support/build.ts",
    // What a program printed is the message of a test that expected nothing: 40 characters of it would not say what went wrong.
    chaiConfig: { truncateThreshold: 600 },
    // On two cores one alone would work, and the other wait for compilers and servers.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // The modules are loaded once for each worker, not for each of three hundred files: half the time went there.
    isolate: false,
    // Tests that start real compilers and servers, on machines of two cores.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
