import type { FeatureCollection, LineString, Position } from "geojson";

const earthRadiusKm = 6371;

export interface Ring {
  km: number;
  line: Position[];
  /** Where its label stands: to the south-east, where it is least in the way. */
  label: [number, number];
}

/** Distances people say: 1, 2, 5, 10, 20, 50 … km (from 100 m). The largest three that are at most `reachKm`. */
export function ringKms(reachKm: number): number[] {
  const kms: number[] = [];
  for (let power = -1; power <= 3; power++) for (const digit of [1, 2, 5]) kms.push(digit * 10 ** power);
  return kms.filter((km) => km <= reachKm).slice(-3);
}

export function ringAround([longitude, latitude]: [number, number], km: number): Ring {
  const steps = 96;
  const angle = km / earthRadiusKm;
  const phi = (latitude * Math.PI) / 180;
  const line: Position[] = [];
  for (let step = 0; step <= steps; step++) {
    const bearing = (2 * Math.PI * step) / steps;
    const ringPhi = Math.asin(Math.sin(phi) * Math.cos(angle) + Math.cos(phi) * Math.sin(angle) * Math.cos(bearing));
    const turn = Math.atan2(Math.sin(bearing) * Math.sin(angle) * Math.cos(phi), Math.cos(angle) - Math.sin(phi) * Math.sin(ringPhi));
    line.push([longitude + (turn * 180) / Math.PI, (ringPhi * 180) / Math.PI]);
  }
  const [x = longitude, y = latitude] = line[steps / 3] ?? [];
  return { km, line, label: [x, y] };
}

export function saidKm(km: number): string {
  return km < 1 ? `${Math.round(km * 1000)} m` : `${km} km`;
}

const stepsDegrees = [30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005];

/** Meridians and parallels at the finest round step that puts at most about a dozen across the view; they give bare land a sense of scale and movement. */
export function graticule(west: number, south: number, east: number, north: number): FeatureCollection<LineString> {
  const step = stepsDegrees.findLast((degrees) => (east - west) / degrees <= 12 && (north - south) / degrees <= 12) ?? 30;
  const lines: Position[][] = [];
  const top = Math.min(north + step, 85);
  const bottom = Math.max(south - step, -85);
  for (let x = Math.floor(west / step) - 1; x <= Math.ceil(east / step) + 1; x++) lines.push([[x * step, bottom], [x * step, top]]);
  for (let y = Math.ceil(bottom / step); y <= Math.floor(top / step); y++) lines.push([[west - step, y * step], [east + step, y * step]]);
  return { type: "FeatureCollection", features: lines.map((coordinates) => ({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates } })) };
}
