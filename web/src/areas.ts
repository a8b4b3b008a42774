import type { Feature, FeatureCollection, Polygon, Position } from "geojson";
import type { MapPoint } from "./mapdata";

const marginKm = 2.5;
const kmPerDegree = 111.2;
const corners = 12;
const smoothings = 2;

export interface Area {
  name: string;
  ring: Position[];
  /** Its northernmost point, where its name stands. */
  label: [number, number];
}

/**
 * The shapes of a network's cities, made from where its nodes stand, for there are no others that may be had without a map from outside: around the
 * nodes of one area goes a belt at 2.5 km, without dents, its corners rounded.
 */
export function areasOf(points: Iterable<MapPoint>): Area[] {
  const byName = new Map<string, MapPoint[]>();
  for (const point of points) if (point.area) byName.set(point.area, [...(byName.get(point.area) ?? []), point]);
  return [...byName].map(([name, those]) => {
    const north = those.reduce((sum, { latitude }) => sum + latitude, 0) / those.length;
    const squeeze = Math.max(0.05, Math.cos((north * Math.PI) / 180));
    const dots = those.flatMap(({ longitude, latitude }) =>
      Array.from({ length: corners }, (_, corner): [number, number] => {
        const angle = (2 * Math.PI * corner) / corners;
        return [longitude * squeeze + (marginKm / kmPerDegree) * Math.cos(angle), latitude + (marginKm / kmPerDegree) * Math.sin(angle)];
      }),
    );
    let ring = hull(dots);
    for (let i = 0; i < smoothings; i++) ring = rounded(ring);
    const line = [...ring, ring[0] ?? [0, 0]].map(([x, y]): [number, number] => [x / squeeze, y]);
    return { name, ring: line, label: line.reduce((top, one) => (one[1] > top[1] ? one : top)) };
  });
}

export function areaShapes(areas: Area[]): FeatureCollection<Polygon> {
  return { type: "FeatureCollection", features: areas.map(({ ring }): Feature<Polygon> => ({ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring] } })) };
}

/** The convex hull, counter-clockwise, by Andrew's monotone chain (1979). */
export function hull(dots: [number, number][]): [number, number][] {
  const sorted = [...dots].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  if (sorted.length < 3) return sorted;
  const half = (ordered: [number, number][]): [number, number][] => {
    const chain: [number, number][] = [];
    for (const dot of ordered) {
      while (chain.length >= 2 && turn(chain[chain.length - 2]!, chain[chain.length - 1]!, dot) <= 0) chain.pop();
      chain.push(dot);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

function turn(a: [number, number], b: [number, number], c: [number, number]): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

/** Every corner is cut at a quarter of its sides (Chaikin, 1974). */
function rounded(ring: [number, number][]): [number, number][] {
  return ring.flatMap((from, index): [number, number][] => {
    const to = ring[(index + 1) % ring.length] ?? from;
    return [
      [from[0] * 0.75 + to[0] * 0.25, from[1] * 0.75 + to[1] * 0.25],
      [from[0] * 0.25 + to[0] * 0.75, from[1] * 0.25 + to[1] * 0.75],
    ];
  });
}
