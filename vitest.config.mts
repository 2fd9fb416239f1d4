import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/vscode/**", "test/kernel/**", "node_modules/**"],
    globalSetup: "test/support/build.ts",
    // Tests that start real compilers and servers, on machines of two cores.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
