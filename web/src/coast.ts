import type { Feature, FeatureCollection, Position } from "geojson";
import { cells, size } from "virtual:coast-cells";

/** A cell as vite.config.js writes it. */
interface Cell {
  land: Position[][][];
  borders: Position[][];
}

/** How many cells are kept: a whole continent close by. */
const keptMax = 80;

export interface Shapes {
  land: FeatureCollection;
  coast: FeatureCollection;
  borders: FeatureCollection;
}

/**
 * The fine coast, fetched cell by cell as the map shows them. What cannot be fetched now is asked for again at the next move; the map is whole
 * without it.
 */
export class Coast {
  readonly #built: (name: string) => string;
  readonly #changed: (shapes: Shapes) => void;
  readonly #kept = new Map<string, Cell>();
  readonly #asked = new Set<string>();
  #wanted: string[] = [];

  constructor(built: (name: string) => string, changed: (shapes: Shapes) => void) {
    this.#built = built;
    this.#changed = changed;
  }

  /** Sees to it that what lies in the view is drawn; answers when it is, or cannot be. */
  async show(west: number, south: number, east: number, north: number, signal: AbortSignal): Promise<void> {
    this.#wanted = keysIn(west, south, east, north);
    const missing = this.#wanted.filter((key) => !this.#kept.has(key) && !this.#asked.has(key));
    await Promise.all(missing.map((key) => this.#fetch(key, signal)));
  }

  async #fetch(key: string, signal: AbortSignal): Promise<void> {
    this.#asked.add(key);
    try {
      const answer = await fetch(this.#built(`coast-${key}.json`), { signal });
      if (!answer.ok) return;
      this.#kept.set(key, (await answer.json()) as Cell);
      for (const old of this.#kept.keys()) {
        if (this.#kept.size <= keptMax) break;
        if (!this.#wanted.includes(old)) this.#kept.delete(old);
      }
      if (!signal.aborted) this.#changed(shapesOf(this.#kept));
    } catch (error) {
      // The network is away, or the page is being left.
      if (!(error instanceof TypeError || (error instanceof DOMException && error.name === "AbortError"))) throw error;
    } finally {
      this.#asked.delete(key);
    }
  }
}

function keysIn(west: number, south: number, east: number, north: number): string[] {
  const [columns, rows] = [360 / size, 180 / size];
  const keys = new Set<string>();
  for (let column = Math.floor((west + 180) / size); column <= Math.floor((east + 180) / size) && keys.size < keptMax; column++)
    for (let row = Math.max(0, Math.floor((south + 90) / size)); row <= Math.min(rows - 1, Math.floor((north + 90) / size)); row++) {
      // A view may reach over the date line.
      const key = `${((column % columns) + columns) % columns}-${row}`;
      if (cells.has(key)) keys.add(key);
    }
  return [...keys];
}

function shapesOf(kept: ReadonlyMap<string, Cell>): Shapes {
  const all = [...kept];
  return {
    land: gathered(all.map(([, { land }]) => ({ type: "Feature", properties: {}, geometry: { type: "MultiPolygon", coordinates: land } }))),
    coast: gathered(all.map(([key, { land }]) => ({ type: "Feature", properties: {}, geometry: { type: "MultiLineString", coordinates: coastOf(key, land) } }))),
    borders: gathered(all.map(([, { borders }]) => ({ type: "Feature", properties: {}, geometry: { type: "MultiLineString", coordinates: borders } }))),
  };
}

const gathered = (features: Feature[]): FeatureCollection => ({ type: "FeatureCollection", features });

/** The edges of the land but those where it was cut. */
function coastOf(key: string, land: Position[][][]): Position[][] {
  const [column, row] = key.split("-").map(Number) as [number, number];
  const [west, south] = [column * size - 180, row * size - 90];
  const isCut = (axis: 0 | 1, [a, b]: [Position, Position]): boolean => a[axis] === b[axis] && [axis === 0 ? west : south, axis === 0 ? west + size : south + size].includes(a[axis]!);
  const lines: Position[][] = [];
  for (const ring of land.flat()) {
    let line: Position[] = [];
    for (let index = 0; index < ring.length - 1; index++) {
      const edge: [Position, Position] = [ring[index]!, ring[index + 1]!];
      if (isCut(0, edge) || isCut(1, edge)) {
        if (line.length > 1) lines.push(line);
        line = [];
      } else {
        if (line.length === 0) line.push(edge[0]);
        line.push(edge[1]);
      }
    }
    if (line.length > 1) lines.push(line);
  }
  return lines;
}
