import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { feature, mesh } from "topojson-client";
import { defineConfig } from "vite";
import { cellsOfLines, cellsOfPolygons } from "./cells.js";
import { flatLines, flatPolygons } from "./flat.js";

const require = createRequire(import.meta.url);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Degrees; map.ts fetches by the same. A window of 1280 px shows one to four cells of a city, and twelve of a country. */
const cellSize = 10;
const cellsId = "virtual:coast-cells";

/**
 * Writes the offline base map as plain GeoJSON: the coarse coast whole, the fine one cut into cells. Which cells there are, the map knows
 * beforehand. Three decimals are 110 m; the atlas itself is drawn to about 400 m.
 */
function baseMap() {
  const rounded = (shape) => JSON.stringify(shape, (_, value) => (typeof value === "number" ? Math.round(value * 1000) / 1000 : value));
  const read = (detail) => {
    const atlas = JSON.parse(readFileSync(require.resolve(`world-atlas/countries-${detail}.json`), "utf8"));
    const { land, countries } = atlas.objects;
    return {
      land: flatPolygons(feature(atlas, land).features.flatMap(({ geometry }) => (geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates))),
      borders: flatLines(mesh(atlas, countries, (a, b) => a !== b).coordinates),
    };
  };
  let made;
  const cells = () => {
    if (made) return made;
    const { land, borders } = read("10m");
    const [ofLand, ofBorders] = [cellsOfPolygons(land, cellSize), cellsOfLines(borders, cellSize)];
    made = new Map([...new Set([...ofLand.keys(), ...ofBorders.keys()])].sort().map((key) => [key, rounded({ land: ofLand.get(key) ?? [], borders: ofBorders.get(key) ?? [] })]));
    return made;
  };
  return {
    name: "caravan-base-map",
    resolveId: (id) => (id === cellsId ? `\0${cellsId}` : undefined),
    load: (id) => (id === `\0${cellsId}` ? `export const size = ${cellSize}; export const cells = new Set(${JSON.stringify([...cells().keys()].join(" "))}.split(" "));` : undefined),
    generateBundle() {
      const { land, borders } = read("50m");
      this.emitFile({ type: "asset", fileName: "land-50m.json", source: rounded({ type: "MultiPolygon", coordinates: land }) });
      this.emitFile({ type: "asset", fileName: "borders-50m.json", source: rounded({ type: "MultiLineString", coordinates: borders }) });
      for (const [key, source] of cells()) this.emitFile({ type: "asset", fileName: `coast-${key}.json`, source });
    },
  };
}

/** File names stay the same from build to build: the server finds them by name and browsers revalidate by ETag. */
export default defineConfig({
  base: "./",
  publicDir: false,
  plugins: [baseMap()],
  build: {
    target: "es2022",
    outDir: process.env.CARAVAN_WEB_OUT ?? here("../src/Caravan/wwwroot/built"),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    cssCodeSplit: true,
    chunkSizeWarningLimit: 1400,
    reportCompressedSize: false,
    rolldownOptions: {
      checks: { pluginTimings: false },
      input: {
        map: here("src/map.ts"),
        live: here("src/live.ts"),
        htmx: here("src/htmx.ts"),
        scanner: here("src/scanner.ts"),
        plot: here("src/plot.ts"),
      },
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "shared-[name].js",
        assetFileNames: (asset) => (asset.names.includes("maplibre-gl-worker.mjs") ? "map-worker.js" : "[name][extname]"),
      },
    },
  },
});
