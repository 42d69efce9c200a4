import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The program that is a Chromium, or undefined: CHROMIUM says which, else the first that starts. */
export function findChromium(): string | undefined {
  const named = process.env.CHROMIUM;
  return [...(named ? [named] : []), ...NAMES].find((name) => spawnSync(name, ["--version"]).status === 0);
}

export interface PageFiles {
  readonly [path: string]: string | Uint8Array;
}

const TYPES: Readonly<Record<string, string>> = { html: "text/html", js: "text/javascript", json: "application/json" };

/**
 * Opens `/index.html` of `files` in a headless Chromium, served from this machine alone, and returns what the page posts to `/done`, as JSON.
 * Rejects where the browser ends, or a minute passes, without it.
 */
export async function askPage(chromium: string, files: PageFiles, headers: Readonly<Record<string, string>> = {}) {
  const profile = mkdtempSync(join(tmpdir(), "greekgym-chromium-"));
  const said: Buffer[] = [];
  let resolve: (value: unknown) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<unknown>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  const server: Server = createServer((request, response) => {
    const path = request.url ?? "/";
    const file = files[path.slice(1)];
    if (path === "/done") {
      const body: Buffer[] = [];
      request.on("data", (chunk: Buffer) => body.push(chunk));
      request.on("end", () => {
        response.end();
        resolve(JSON.parse(Buffer.concat(body).toString()));
      });
    } else if (file === undefined) response.writeHead(404).end();
    else
      response
        .writeHead(200, { "content-type": TYPES[path.split(".").at(-1)!] ?? "application/octet-stream", ...headers })
        .end(file);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const browser = spawn(
    chromium,
    [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"],
      ...["--enable-logging=stderr", `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/index.html`],
      "--remote-debugging-port=0",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const last = () => Buffer.concat(said).toString().split("\n").slice(-20).join("\n");
  browser.stderr.on("data", (chunk: Buffer) => said.push(chunk));
  browser.on("exit", (code) => reject(new Error(`the browser ended (${code}) before the page was done:\n${last()}`)));
  const late = setTimeout(() => reject(new Error(`the page was not done after a minute:\n${last()}`)), 60_000);
  try {
    return await promise;
  } finally {
    clearTimeout(late);
    const gone = new Promise((ended) => browser.once("exit", ended));
    if (browser.exitCode === null) {
      browser.kill("SIGKILL");
      await gone;
    }
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
