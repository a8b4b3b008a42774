// Installs and bundles the islands, once, whoever asks first: two builds of the same checkout may run at the same time.
// Usage: node build.mjs OUT STAMP      OUT is the folder the server serves, STAMP the file touched when it is up to date.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const web = dirname(fileURLToPath(import.meta.url));
const [out, stamp] = process.argv.slice(2);
if (!out || !stamp) throw new Error("Usage: node build.mjs OUT STAMP");

const lock = `${stamp}.lock`;
const staleAfterMs = 60_000;
const giveUpAfterMs = 15 * 60_000;

const changedMs = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function newestSourceMs() {
  const sources = readdirSync(join(web, "src"), { recursive: true }).map((name) => join("src", name));
  return Math.max(...[...sources, "package.json", "package-lock.json", "vite.config.js", "flat.js", "cells.js", "build.mjs", ".npmrc"].map((name) => changedMs(join(web, name))));
}

/** The lock is a folder, for making one is atomic everywhere; its owner touches it, so that the lock of a killed build grows stale. */
async function takeLock() {
  mkdirSync(dirname(lock), { recursive: true });
  for (const started = Date.now(); ;) {
    try {
      mkdirSync(lock);
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (Date.now() - changedMs(lock) > staleAfterMs) rmSync(lock, { recursive: true, force: true });
    else if (Date.now() - started > giveUpAfterMs) throw new Error(`Another build holds ${lock}. Remove it if none is running.`);
    else await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

function run(command, args, environment = {}) {
  utimesSync(lock, new Date(), new Date());
  // npm is a script on Windows, which needs a shell to start.
  execFileSync(command, args, { cwd: web, stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, ...environment }, shell: process.platform === "win32" });
}

await takeLock();
const beat = setInterval(() => utimesSync(lock, new Date(), new Date()), 5_000);
try {
  if (changedMs(stamp) < newestSourceMs() || !existsSync(join(out, "map.js"))) {
    if (changedMs(join(web, "node_modules", ".package-lock.json")) < changedMs(join(web, "package-lock.json")))
      run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);

    // Bundle beside, then rename file by file: a server that is running never sees half a bundle.
    const beside = `${stamp}.out`;
    rmSync(beside, { recursive: true, force: true });
    run("npm", ["run", "build", "--silent"], { CARAVAN_WEB_OUT: beside });
    mkdirSync(out, { recursive: true });
    const built = readdirSync(beside);
    for (const name of built) {
      copyFileSync(join(beside, name), join(out, `.${name}.new`));
      renameSync(join(out, `.${name}.new`), join(out, name));
    }
    for (const name of readdirSync(out)) if (!built.includes(name)) rmSync(join(out, name), { recursive: true, force: true });
    rmSync(beside, { recursive: true, force: true });
    writeFileSync(stamp, "");
  }
} finally {
  clearInterval(beat);
  rmSync(lock, { recursive: true, force: true });
}
