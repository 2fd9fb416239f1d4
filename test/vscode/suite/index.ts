// What VS Code calls in its extension host: runs every test file beside this one and writes the counts.
import { readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import Mocha from "mocha";

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: "tdd", timeout: 60_000, color: false, reporter: "spec" });
  if (process.env["MOCHA_GREP"]) mocha.grep(process.env["MOCHA_GREP"]);
  const files = readdirSync(__dirname).filter((name) => name.endsWith(".test.js"));
  for (const name of files) mocha.addFile(path.join(__dirname, name));

  const counts = { passed: 0, failed: 0, skipped: 0 };
  const failures: string[] = [];
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => resolve());
    runner.on("pass", () => counts.passed++);
    runner.on("fail", (test, error) => {
      counts.failed++;
      failures.push(`suite, ${test.fullTitle()}: ${error.message}`);
    });
    runner.on("pending", () => counts.skipped++);
  });
  const report = process.env["HOOKPOINT_TEST_REPORT"];
  if (report) writeFileSync(report, JSON.stringify({ ...counts, failures }));
  if (counts.failed > 0) throw new Error(`${counts.failed} tests failed.`);
}
