// The fine coast is large, and a map of a city shows a small part of it: it is cut into cells here, and the map fetches those that it shows.

/** Sutherland and Hodgman's clipping against one line of longitude (axis 0) or latitude (axis 1): keeps what lies beyond it (side 1) or before it (side -1). */
export function clipped(ring, axis, at, side) {
  const out = [];
  for (let index = 0; index < ring.length - 1; index++) {
    const [a, b] = [ring[index], ring[index + 1]];
    const [aIn, bIn] = [side * (a[axis] - at) >= 0, side * (b[axis] - at) >= 0];
    if (aIn) out.push(a);
    if (aIn !== bIn) {
      const other = a[1 - axis] + ((at - a[axis]) / (b[axis] - a[axis])) * (b[1 - axis] - a[1 - axis]);
      out.push(axis === 0 ? [at, other] : [other, at]);
    }
  }
  if (out.length < 3) return undefined;
  out.push(out[0]);
  return out;
}

/** A ring cut into bands along one axis: those parts that have an area, by the number of their band. */
function banded(ring, axis, from, size) {
  let [least, most] = [Infinity, -Infinity];
  for (const point of ring) {
    if (point[axis] < least) least = point[axis];
    if (point[axis] > most) most = point[axis];
  }
  const [first, last] = [Math.max(0, Math.floor((least - from) / size)), Math.ceil((most - from) / size) - 1];
  if (first >= last) return area(ring) > 0 ? [{ band: Math.max(0, last), ring }] : [];
  const bands = [];
  let rest = ring;
  for (let band = first; band <= last && rest; band++) {
    const edge = from + (band + 1) * size;
    const part = band === last ? rest : clipped(rest, axis, edge, -1);
    if (part && area(part) > 0) bands.push({ band, ring: part });
    if (band < last) rest = clipped(rest, axis, edge, 1);
  }
  return bands;
}

function area(ring) {
  let sum = 0;
  for (let index = 0; index < ring.length - 1; index++) sum += ring[index][0] * ring[index + 1][1] - ring[index + 1][0] * ring[index][1];
  return Math.abs(sum) / 2;
}

/** Polygons of a flat map from -180 to 180, by the cell that they lie in: "column-row", counted from the south-west. */
export function cellsOfPolygons(polygons, size) {
  const cells = new Map();
  for (const rings of polygons) {
    const parts = new Map();
    for (const ring of rings)
      for (const column of banded(ring, 0, -180, size))
        for (const row of banded(column.ring, 1, -90, size)) {
          const key = `${column.band}-${row.band}`;
          if (!parts.has(key)) parts.set(key, []);
          parts.get(key).push(row.ring);
        }
    // The outer ring comes first, and where a hole is, it is too.
    for (const [key, cut] of parts) {
      if (!cells.has(key)) cells.set(key, []);
      cells.get(key).push(cut);
    }
  }
  return cells;
}

/** Lines by cell; a step from one cell into the next stands in both. */
export function cellsOfLines(lines, size) {
  const cells = new Map();
  const keyOf = ([x, y]) => `${Math.min(Math.floor((x + 180) / size), 360 / size - 1)}-${Math.min(Math.floor((y + 90) / size), 180 / size - 1)}`;
  const add = (key, part) => {
    if (!cells.has(key)) cells.set(key, []);
    cells.get(key).push(part);
  };
  for (const line of lines) {
    let [key, part] = [keyOf(line[0]), [line[0]]];
    for (const point of line.slice(1)) {
      part.push(point);
      const next = keyOf(point);
      if (next === key) continue;
      add(key, part);
      [key, part] = [next, [part.at(-2), point]];
    }
    if (part.length > 1) add(key, part);
  }
  return cells;
}
