// @ts-check
// The extension as a web extension: the web-only VS Code in a browser, our client in its worker extension host and the
// language server in a worker of its own. No Node behind it, only files.
import { createReadStream, existsSync, readdirSync, statSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { root } from "./process.mjs";
import { scenario } from "./scenario.mjs";
import { vscodeWeb } from "./setup.mjs";
import {
  exampleLine,
  finding,
  goToLine,
  hoverOf,
  input,
  openFile,
  pick,
  quick,
  runCommand,
  slow,
  squiggle,
} from "./window.mjs";

/** @returns {Promise<import("./scenario.mjs").Counts>} */
export async function web() {
  const build = await vscodeWeb();
  const site = await serve({
    "/build": build,
    "/extension": root,
    "/files-extension": path.join(root, "test", "vscode", "web-files"),
    "/files": path.join(root, "test", "example"),
  });
  try {
    return await scenario("web", async ({ page }, step) => {
      await step("open the example", () => openFile(page, site.url, "execwatch.bpf.c"));
      await step("the server in the worker finds the problem", async () => {
        await runCommand(page, "Problems: Focus on Problems View");
        await finding(page).waitFor({ timeout: slow });
        await finding(page).dblclick(); // goes there
        await squiggle(page).waitFor({ timeout: quick });
      });
      await step("hover a helper", async () => {
        await goToLine(page, exampleLine("bpf_map_lookup_elem("));
        await hoverOf(page, "bpf_map_lookup_elem");
      });
      await step("commands that run tools are not offered", async () => {
        await page.keyboard.press("F1");
        await input(page).fill(">eBPF: Verify");
        await page.locator(".quick-input-widget .monaco-list-row", { hasText: "Explain Verifier Log" }).waitFor();
        const rows = await page.locator(".quick-input-widget .monaco-list-row").allInnerTexts();
        if (rows.some((row) => /Verify (?:in|on) Kernel/.test(row))) throw new Error(`offered: ${rows}`);
      });
      // Not what comes of it: webviews are served from elsewhere, and no request may leave this machine.
      await step("Explain Verifier Log asks where the log is", async () => {
        await pick(page, "Explain Verifier Log");
        await page.locator(".quick-input-widget .monaco-list-row", { hasText: "The clipboard" }).waitFor();
        await page.keyboard.press("Escape");
      });
    });
  } finally {
    await site.close();
  }
}

/**
 * Serves folders under names, and the page that starts the workbench at `/`.
 * @param {Record<string, string>} folders
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
async function serve(folders) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname === "/") {
      response.setHeader("content-type", types[".html"] ?? "").end(workbenchPage(request.headers.host ?? ""));
      return;
    }
    const [, name = "", rest = ""] = /^(\/[^/]+)\/(.*)$/.exec(decodeURIComponent(pathname)) ?? [];
    const folder = folders[name];
    if (folder && rest === "") {
      response.setHeader("content-type", types[".json"] ?? "").end(JSON.stringify(readdirSync(folder)));
      return;
    }
    const file = folder && path.join(folder, rest);
    if (!file?.startsWith(folder + path.sep) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader("content-type", types[path.extname(file)] ?? "application/octet-stream");
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** @type {Record<string, string>} */
const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ttf": "font/ttf",
};

/**
 * The page every host of VS Code for the web has to write: the AMD loader, the workbench, and what to open in it.
 * @param {string} host
 */
function workbenchPage(host) {
  const at = (/** @type {string} */ name) => ({ scheme: "http", authority: host, path: name });
  const configuration = {
    productConfiguration: { enableTelemetry: false, extensionsGallery: undefined },
    additionalBuiltinExtensions: [at("/extension"), at("/files-extension")],
    configurationDefaults: {
      "workbench.startupEditor": "none",
      "workbench.enableExperiments": false,
      "telemetry.telemetryLevel": "off",
    },
  };
  return `<!doctype html>
<html>
  <head>
    <meta charset="utf-8">
    <link data-name="vs/workbench/workbench.web.main" rel="stylesheet" href="/build/out/vs/workbench/workbench.web.main.css">
  </head>
  <body></body>
  <script src="/build/out/vs/loader.js"></script>
  <script src="/build/out/vs/webPackagePaths.js"></script>
  <script>
    const base = location.origin + "/build";
    for (const name of Object.keys(webPackagePaths)) webPackagePaths[name] = base + "/node_modules/" + name + "/" + webPackagePaths[name];
    require.config({ baseUrl: base + "/out", paths: webPackagePaths });
  </script>
  <script src="/build/out/vs/workbench/workbench.web.main.nls.js"></script>
  <script src="/build/out/vs/workbench/workbench.web.main.js"></script>
  <script>
    require(["vs/workbench/workbench.web.main"], (workbench) => {
      const folderUri = workbench.URI.from({ scheme: "hookpoint-files", path: "/example" });
      workbench.create(document.body, {
        ...${JSON.stringify(configuration)},
        workspaceProvider: { workspace: { folderUri }, trusted: true, open: async () => false },
      });
    });
  </script>
</html>`;
}
