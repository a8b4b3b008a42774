export interface Placed {
  id: string;
  x: number;
  y: number;
}

export interface Cluster {
  ids: string[];
  x: number;
  y: number;
}

/**
 * Puts marks that would cover each other into one. Each mark, in the order given, joins the first cluster whose seed lies within `radius` pixels,
 * else it seeds its own; a grid of cells as wide as the radius keeps the search to nine cells, so the cost grows with the marks, not their square.
 * A cluster stands at the mean of its marks, which may bring two of them together: those are joined afterwards, in time square to the clusters.
 * The same marks in the same order give the same clusters, whatever part of the map is looked at.
 */
export function clustersOf(marks: readonly Placed[], radius: number): Cluster[] {
  const clusters: (Cluster & { seedX: number; seedY: number })[] = [];
  const cells = new Map<string, number[]>();
  for (const { id, x, y } of marks) {
    const column = Math.floor(x / radius);
    const row = Math.floor(y / radius);
    let found: (typeof clusters)[number] | undefined;
    for (let c = column - 1; c <= column + 1 && !found; c++)
      for (let r = row - 1; r <= row + 1 && !found; r++)
        for (const index of cells.get(`${c}:${r}`) ?? []) {
          const candidate = clusters[index];
          if (candidate && Math.hypot(candidate.seedX - x, candidate.seedY - y) <= radius) {
            found = candidate;
            break;
          }
        }

    if (found) {
      const count = found.ids.push(id);
      found.x += (x - found.x) / count;
      found.y += (y - found.y) / count;
    } else {
      const key = `${column}:${row}`;
      cells.set(key, [...(cells.get(key) ?? []), clusters.length]);
      clusters.push({ ids: [id], x, y, seedX: x, seedY: y });
    }
  }

  const apart: Cluster[] = [];
  for (const { ids, x, y } of clusters) {
    const near = apart.find((other) => Math.hypot(other.x - x, other.y - y) < radius * 0.8);
    if (!near) {
      apart.push({ ids, x, y });
      continue;
    }
    const weight = ids.length / (near.ids.length + ids.length);
    near.x += (x - near.x) * weight;
    near.y += (y - near.y) * weight;
    near.ids.push(...ids);
  }
  return apart;
}
