// entries/*.js and entries/*.css -> ../static/dist, hashed names, manifest.json {"desk.js": "desk-3F2A.js"}.
// Modules share chunks; a service worker (sw.js, *.worker.js) must be one classic script.
// The new files are complete before the manifest names them, and old ones go last: a running server never points at nothing.
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(here, "..", "static", "dist");
const isWorker = (name) => name === "sw.js" || name.endsWith(".worker.js");

const shared = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  target: ["chrome87", "safari15"],
  charset: "utf8",
  legalComments: "linked",
  outdir: dist,
  entryNames: "[name]-[hash]",
  chunkNames: "chunk-[hash]",
  assetNames: "[name]-[hash]",
  loader: { ".png": "file", ".svg": "file", ".woff2": "file" },
  metafile: true,
  logLevel: "warning",
};

async function listed() {
  try {
    const files = await readdir(path.join(here, "entries"));
    return files.filter((name) => /\.(js|css)$/.test(name)).sort();
  } catch (error) {
    if (error.code === "ENOENT") return [];
    throw error;
  }
}

async function bundle(entries, options) {
  if (entries.length === 0) return {};
  const { metafile } = await build({ ...shared, ...options, entryPoints: entries.map((name) => `entries/${name}`) });
  return metafile.outputs;
}

const names = await listed();
const outputs = {
  ...(await bundle(
    names.filter((name) => !isWorker(name)),
    { format: "esm", splitting: true },
  )),
  ...(await bundle(names.filter(isWorker), { format: "iife" })),
};

const manifest = {};
const kept = new Set(["manifest.json"]);
function enter(name, file) {
  if (name in manifest) throw new Error(`two entries would both be called ${name}`);
  manifest[name] = path.basename(file);
}
for (const [file, facts] of Object.entries(outputs)) {
  kept.add(path.basename(file));
  const name = path.basename(facts.entryPoint ?? "");
  if (facts.entryPoint !== `entries/${name}` || !names.includes(name)) continue; // a chunk loaded later
  enter(name, file);
  if (facts.cssBundle) enter(`${path.parse(name).name}.css`, facts.cssBundle); // style sheets the module imports
}

await mkdir(dist, { recursive: true });
const draft = path.join(dist, "manifest.json.new");
await writeFile(draft, `${JSON.stringify(manifest, null, 1)}\n`);
await rename(draft, path.join(dist, "manifest.json"));
for (const name of await readdir(dist)) {
  if (!kept.has(name)) await rm(path.join(dist, name), { recursive: true });
}
console.log(`assets: ${Object.keys(manifest).length} entries, ${kept.size - 1} files`);
