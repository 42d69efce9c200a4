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
    // A group of its own, so that its helpers can be stopped with it: they write to the profile after it is gone.
    { stdio: ["ignore", "ignore", "pipe"], detached: true },
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
    if (browser.pid !== undefined) {
      stopGroup(browser.pid);
      if (browser.exitCode === null && browser.signalCode === null) await gone;
    }
    server.closeAllConnections();
    server.close();
    await removeFolder(profile);
  }
}

function stopGroup(leader: number) {
  try {
    process.kill(-leader, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Removes the folder, beginning again where a process that is just ending writes one more file (rmSync itself only tries the last rmdir again). */
async function removeFolder(folder: string) {
  for (let tries = 1; ; tries += 1)
    try {
      return rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (tries === 50 || (error as NodeJS.ErrnoException).code !== "ENOTEMPTY") throw error;
      await new Promise((later) => setTimeout(later, 100));
    }
}
