/** The shapes of MapData.cs, as they stand in the `data-map` attribute and in the stream's events. */
export type MapKind = "warehouse" | "store" | "station" | "hub" | "courier" | "customer";
export type Tone = "neutral" | "info" | "good" | "warn" | "bad";

export interface MapPoint {
  id: string;
  kind: MapKind;
  latitude: number;
  longitude: number;
  label: string;
  detail?: string | null;
  tone?: Tone;
  url?: string | null;
  simulated?: boolean;
  /** The city it is in; those of one city get a shape around them. */
  area?: string | null;
}

export interface MapLine {
  from: string;
  to: string;
  kind: "chosen" | "candidate" | "route";
}

export interface MapData {
  points: MapPoint[];
  lines: MapLine[];
  liveUrl?: string | null;
}

/** The event `position`: a known point moves (and may change its words); an unknown one appears when `kind` and `label` come along. */
export type Position = Partial<MapPoint> & Pick<MapPoint, "id" | "latitude" | "longitude">;
