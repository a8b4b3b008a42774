import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { feature, mesh } from "topojson-client";
import { defineConfig } from "vite";
import { flatLines, flatPolygons } from "./flat.js";

const require = createRequire(import.meta.url);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Writes the offline base map as plain GeoJSON, so that the map's worker reads it by URL and the page itself never parses it.
 * Three decimals are 110 m; the atlas itself is drawn to about 400 m.
 */
function baseMap() {
  const rounded = (shape) => JSON.stringify(shape, (_, value) => (typeof value === "number" ? Math.round(value * 1000) / 1000 : value));
  const flatLand = ({ features }) => ({
    type: "MultiPolygon",
    coordinates: flatPolygons(features.flatMap(({ geometry }) => (geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates))),
  });
  const flatBorders = ({ coordinates }) => ({ type: "MultiLineString", coordinates: flatLines(coordinates) });
  return {
    name: "caravan-base-map",
    generateBundle() {
      for (const detail of ["50m", "10m"]) {
        const atlas = JSON.parse(readFileSync(require.resolve(`world-atlas/countries-${detail}.json`), "utf8"));
        const { land, countries } = atlas.objects;
        this.emitFile({ type: "asset", fileName: `land-${detail}.json`, source: rounded(flatLand(feature(atlas, land))) });
        this.emitFile({ type: "asset", fileName: `borders-${detail}.json`, source: rounded(flatBorders(mesh(atlas, countries, (a, b) => a !== b))) });
      }
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
