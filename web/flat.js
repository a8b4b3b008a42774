// The atlas is drawn on a sphere: rings run across the date line and Antarctica's runs around the pole. A flat map needs them cut there.

import { clipped } from "./cells.js";

/** Makes longitudes run on past ±180 instead of jumping; a ring that goes around a pole is closed along it. */
function unrolled(ring) {
  const out = [];
  let turn = 0;
  for (const [index, [x, y]] of ring.entries()) {
    if (index > 0) {
      const step = x - ring[index - 1][0];
      if (step > 180) turn -= 360;
      else if (step < -180) turn += 360;
    }
    out.push([x + turn, y]);
  }
  if (turn !== 0) {
    const pole = out[0][1] < 0 ? -90 : 90;
    out.push([out.at(-1)[0], pole], [out[0][0], pole], out[0]);
  }
  return out;
}

/** The polygons of a multi-polygon as they lie on a flat map from -180 to 180. */
export function flatPolygons(polygons) {
  return polygons.flatMap((rings) => {
    const rolled = rings.map(unrolled);
    return [-360, 0, 360].flatMap((shift) => {
      const here = rolled.map((ring) => {
        const shifted = ring.map(([x, y]) => [x + shift, y]);
        if (shifted.every(([x]) => x >= -180 && x <= 180)) return shifted;
        const east = clipped(shifted, 0, -180, 1);
        return east && clipped(east, 0, 180, -1);
      });
      return here[0] ? [here.filter(Boolean)] : [];
    });
  });
}

/** Lines, parted where they jump over the date line. */
export function flatLines(lines) {
  return lines.flatMap((line) => {
    const parts = [[line[0]]];
    for (let index = 1; index < line.length; index++) {
      if (Math.abs(line[index][0] - line[index - 1][0]) > 180) parts.push([]);
      parts.at(-1).push(line[index]);
    }
    return parts.filter((part) => part.length > 1);
  });
}
