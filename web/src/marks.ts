import type { MapKind, MapPoint } from "./mapdata";

const svgNamespace = "http://www.w3.org/2000/svg";

/** Each kind has its own outline, so that colour is never the only sign. All are drawn in a box of 32. */
const outlines: Record<MapKind, string> = {
  warehouse: "M4 28V12L16 4l12 8v16z",
  store: "M5 28V15l-2-3 3-8h20l3 8-2 3v13z",
  station: "M16 3l11.3 6.5v13L16 29 4.7 22.5v-13z",
  hub: "M10 4h12l6 6v12l-6 6H10l-6-6V10z",
  courier: "M16 3l13 13-13 13L3 16z",
  customer: "M16 30C9 21 6 17 6 12.500a10 10 0 0 1 20 0C26 17 23 21 16 30z",
};

const insides: Record<MapKind, string> = {
  warehouse: "M10 27v-10h12v10M10 21h12",
  store: "M4 12h24M12 28v-9h8v9",
  station: "M17.500 9l-6 8h4.500l-1.500 6 6-8h-4.500z",
  hub: "M16 10v12M10 16h12",
  courier: "M11 16h9M16.500 12l4 4-4 4",
  customer: "M16 9.500a3.200 3.200 0 1 0 .01 0z",
};

export const kindWords: Record<MapKind, string> = {
  warehouse: "Warehouse",
  store: "Store",
  station: "Station",
  hub: "Hub",
  courier: "Courier",
  customer: "Customer",
};

function path(d: string, className: string): SVGPathElement {
  const element = document.createElementNS(svgNamespace, "path");
  element.setAttribute("d", d);
  element.setAttribute("class", className);
  return element;
}

export function shapeOf(kind: MapKind): SVGSVGElement {
  const svg = document.createElementNS(svgNamespace, "svg");
  svg.setAttribute("viewBox", "0 0 32 32");
  svg.setAttribute("aria-hidden", "true");
  svg.append(path(outlines[kind] ?? outlines.customer, "map-mark__outline"), path(insides[kind] ?? insides.customer, "map-mark__inside"));
  return svg;
}

export function spoken(point: MapPoint): string {
  const kind = kindWords[point.kind] ?? "";
  const words = [point.label.startsWith(kind) ? point.label : `${kind} ${point.label}`, point.detail, point.simulated ? "simulated" : undefined];
  return words.filter(Boolean).join(", ");
}

/** Dresses a button as the mark of a point; called again when the point changes. */
export function dress(button: HTMLButtonElement, point: MapPoint): void {
  button.type = "button";
  for (const name of [...button.classList]) if (name.startsWith("map-mark")) button.classList.remove(name);
  button.classList.add("map-mark", `map-mark--${point.kind}`);
  button.dataset["tone"] = point.tone ?? "neutral";
  button.toggleAttribute("data-simulated", point.simulated === true);
  button.setAttribute("aria-label", spoken(point));
  button.title = point.label;
  button.replaceChildren(shapeOf(point.kind));
}
