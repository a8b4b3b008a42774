import type { FeatureCollection } from "geojson";
import type { StyleSpecification } from "maplibre-gl";

const empty: FeatureCollection = { type: "FeatureCollection", features: [] };

/** The colours stand in caravan.css as custom properties, so that the map follows the theme of the page. */
function colour(name: string): string {
  // A custom property is read back as it is written; only a real colour property is worked out for the theme.
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = `var(--map-${name}, #888888)`;
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

export function themedPaint(): [layer: string, property: string, value: string][] {
  return [
    ["sea", "background-color", colour("sea")],
    ["land-far", "fill-color", colour("land")],
    ["land-near", "fill-color", colour("land")],
    ["coast-far", "line-color", colour("coast")],
    ["coast-near", "line-color", colour("coast")],
    ["borders-far", "line-color", colour("border")],
    ["borders-near", "line-color", colour("border")],
    ["graticule", "line-color", colour("grid")],
    ["areas", "fill-color", colour("area")],
    ["areas-edge", "line-color", colour("area-edge")],
    ["rings", "line-color", colour("ring")],
    ["lines-candidate", "line-color", colour("candidate")],
    ["lines-casing", "line-color", colour("casing")],
    ["lines-route", "line-color", colour("route")],
    ["lines-chosen", "line-color", colour("chosen")],
  ];
}

/** Where the coarse coast gives way to the fine one, which is only fetched from here on. */
export const nearZoom = 5;

export function mapStyle(near: boolean, built: (name: string) => string): StyleSpecification {
  const data = (name: string) => (near ? empty : built(name));
  const paint = Object.fromEntries(themedPaint().map(([layer, , value]) => [layer, value]));
  const ofKind = (kind: string) => ["==", ["get", "kind"], kind] as ["==", ["get", string], string];
  const round = { "line-cap": "round", "line-join": "round" } as const;
  return {
    version: 8,
    sources: {
      "land-far": { type: "geojson", data: data("land-50m.json"), maxzoom: 6, attribution: "Made with Natural Earth" },
      "borders-far": { type: "geojson", data: data("borders-50m.json"), maxzoom: 6 },
      "land-near": { type: "geojson", data: empty, maxzoom: 12, tolerance: 0.2, attribution: "Made with Natural Earth" },
      "coast-near": { type: "geojson", data: empty, maxzoom: 12, tolerance: 0.2 },
      "borders-near": { type: "geojson", data: empty, maxzoom: 12 },
      graticule: { type: "geojson", data: empty },
      areas: { type: "geojson", data: empty },
      rings: { type: "geojson", data: empty },
      lines: { type: "geojson", data: empty },
    },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": paint["sea"]! } },
      { id: "land-far", type: "fill", source: "land-far", maxzoom: nearZoom, paint: { "fill-color": paint["land-far"]!, "fill-antialias": false } },
      { id: "land-near", type: "fill", source: "land-near", minzoom: nearZoom, paint: { "fill-color": paint["land-near"]!, "fill-antialias": false } },
      { id: "areas", type: "fill", source: "areas", paint: { "fill-color": paint["areas"]!, "fill-antialias": false } },
      { id: "areas-edge", type: "line", source: "areas", paint: { "line-color": paint["areas-edge"]!, "line-width": 1.2 } },
      { id: "graticule", type: "line", source: "graticule", paint: { "line-color": paint["graticule"]!, "line-width": 1 } },
      { id: "coast-far", type: "line", source: "land-far", maxzoom: nearZoom, paint: { "line-color": paint["coast-far"]!, "line-width": 0.8 } },
      { id: "coast-near", type: "line", source: "coast-near", minzoom: nearZoom, paint: { "line-color": paint["coast-near"]!, "line-width": 1.2 } },
      { id: "borders-far", type: "line", source: "borders-far", maxzoom: nearZoom, paint: { "line-color": paint["borders-far"]!, "line-width": 0.8 } },
      { id: "borders-near", type: "line", source: "borders-near", minzoom: nearZoom, paint: { "line-color": paint["borders-near"]!, "line-width": 1.2, "line-dasharray": [4, 2] } },
      { id: "rings", type: "line", source: "rings", paint: { "line-color": paint["rings"]!, "line-width": 1.2, "line-dasharray": [1, 3] }, layout: round },
      { id: "lines-candidate", type: "line", source: "lines", filter: ofKind("candidate"), paint: { "line-color": paint["lines-candidate"]!, "line-width": 2, "line-dasharray": [2, 2.5] } },
      { id: "lines-casing", type: "line", source: "lines", filter: ["!=", ["get", "kind"], "candidate"], paint: { "line-color": paint["lines-casing"]!, "line-width": 8 }, layout: round },
      { id: "lines-route", type: "line", source: "lines", filter: ofKind("route"), paint: { "line-color": paint["lines-route"]!, "line-width": 4 }, layout: round },
      { id: "lines-chosen", type: "line", source: "lines", filter: ofKind("chosen"), paint: { "line-color": paint["lines-chosen"]!, "line-width": 4 }, layout: round },
    ],
  };
}
