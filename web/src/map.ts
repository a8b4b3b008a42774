import { AttributionControl, type GeoJSONSource, LngLatBounds, Map as LibreMap, Marker, NavigationControl, Popup, ScaleControl, setWorkerUrl } from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import { type Area, areaShapes, areasOf } from "./areas";
import { clustersOf } from "./clusters";
import { Coast } from "./coast";
import { graticule, ringAround, ringKms, saidKm } from "./grid";
import type { MapData, MapPoint, Position } from "./mapdata";
import { mapStyle, nearZoom, themedPaint } from "./mapstyle";
import { dress, kindWords, shapeOf } from "./marks";

// The bundler would take `new URL(…, import.meta.url)` for a wish to copy whatever it may name, so the base stands apart.
const here = import.meta.url;
const built = (name: string): string => new URL(name, here).href;
setWorkerUrl(new URL(workerUrl, here).href);

const clusterRadiusPixels = 60;
const clusterZoomMax = 15;
const clusterEveryMs = 2_000;
const moveMs = 900;
/** A courier that jumps further than this did not ride there: it is put, not slid. */
const slideDegreesMax = 0.5;

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const dark = matchMedia("(prefers-color-scheme: dark)");

interface Mark {
  point: MapPoint;
  button: HTMLButtonElement;
  marker: Marker;
  shown: boolean;
  /** Where a courier is on its way to; the mark itself lags behind. */
  slide?: number;
}

/**
 * The map of MapView.razor. What is on it stands in `data-map` (see mapdata.ts); with `liveUrl` it follows a stream of server-sent events:
 * `position` moves a point, `gone` takes one away. The server's plain list stays on the page, folded, for those who would rather read.
 */
class CaravanMap extends HTMLElement {
  #map: LibreMap | undefined;
  #marks = new Map<string, Mark>();
  #clusters: Marker[] = [];
  #ringLabels: Marker[] = [];
  #areas: Area[] = [];
  #areaLabels: Marker[] = [];
  #popup: Popup | undefined;
  #popupOf = "";
  #lines: MapData["lines"] = [];
  #events: EventSource | undefined;
  /** Whether the coarse coast has been asked for; the fine one is, cell by cell. */
  #far = false;
  #coast: Coast | undefined;
  #styled = false;
  #left = new AbortController();

  connectedCallback(): void {
    if (this.#map || this.dataset["state"] === "failed") return;
    const data = JSON.parse(this.dataset["map"] ?? '{"points":[],"lines":[]}') as MapData;
    this.#left = new AbortController();
    this.#draw(data);
  }

  disconnectedCallback(): void {
    this.#left.abort();
    this.#events?.close();
    clearTimeout(this.#clusterDue);
    for (const mark of this.#marks.values()) cancelAnimationFrame(mark.slide ?? 0);
    this.#map?.remove();
    this.#map = undefined;
    this.#styled = false;
    this.#marks.clear();
    this.querySelector(".map__canvas")?.remove();
    this.querySelector(".map__legend")?.remove();
  }

  #draw(data: MapData): void {
    const canvas = document.createElement("div");
    canvas.className = "map__canvas";
    this.prepend(canvas);

    const bounds = new LngLatBounds();
    for (const { longitude, latitude } of data.points) bounds.extend([longitude, latitude]);
    const span = bounds.isEmpty() ? 360 : Math.max(bounds.getEast() - bounds.getWest(), bounds.getNorth() - bounds.getSouth());
    this.#far = span >= 12;

    let map: LibreMap;
    try {
      map = new LibreMap({
        container: canvas,
        style: mapStyle(!this.#far, built),
        ...(bounds.isEmpty() ? { center: [20, 30], zoom: 1 } : { bounds, fitBoundsOptions: { padding: 56, maxZoom: 13 } }),
        maxZoom: 17,
        maxPitch: 0,
        dragRotate: false,
        pitchWithRotate: false,
        cooperativeGestures: this.hasAttribute("data-scrolls"),
        attributionControl: false,
        fadeDuration: calm.matches ? 0 : 200,
      });
    } catch (error) {
      // Without WebGL there is no map; the list below says the same.
      console.warn("The map cannot be drawn here.", error);
      canvas.remove();
      this.dataset["state"] = "failed";
      return;
    }

    this.#map = map;
    map.touchZoomRotate.disableRotation();
    map.addControl(new NavigationControl({ showCompass: false }), "top-right");
    map.addControl(new ScaleControl({ maxWidth: 120, unit: "metric" }), "bottom-left");
    map.addControl(new AttributionControl({ compact: true }), "bottom-right");
    map.getCanvas().setAttribute("aria-label", this.getAttribute("aria-label") ?? "Map");

    for (const point of data.points) this.#add(point);
    this.#lines = data.lines;
    this.#legend();
    this.dataset["state"] = "drawn";

    this.#coast = new Coast(built, ({ land, coast, borders }) => {
      map.getSource<GeoJSONSource>("land-near")?.setData(land);
      map.getSource<GeoJSONSource>("coast-near")?.setData(coast);
      map.getSource<GeoJSONSource>("borders-near")?.setData(borders);
    });
    // Nothing of ours waits for the land: where things are and how they go is told as soon as there is something to draw on.
    void map.once("style.load", () => {
      this.#styled = true;
      this.#areas = areasOf(data.points);
      map.getSource<GeoJSONSource>("areas")?.setData(areaShapes(this.#areas));
      this.#placeLines();
      // For those who wait until there is something to see.
      void map.once("render", () => (this.dataset["state"] = "ready"));
      this.#onMoved();
    });
    map.on("moveend", () => {
      this.#showInView(map);
      this.#onMoved();
    });
    map.on("zoom", () => this.#cluster());
    this.#cluster(true);

    dark.addEventListener("change", () => this.#repaint(), { signal: this.#left.signal });
    const themes = new MutationObserver(() => this.#repaint());
    themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.#left.signal.addEventListener("abort", () => themes.disconnect());

    if (data.liveUrl) this.#follow(data.liveUrl);
  }

  #add(point: MapPoint): void {
    const button = document.createElement("button");
    dress(button, point);
    const marker = new Marker({ element: button, anchor: point.kind === "customer" ? "bottom" : "center" }).setLngLat([point.longitude, point.latitude]);
    const mark: Mark = { point, button, marker, shown: false };
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      this.#open(mark);
    });
    this.#marks.set(point.id, mark);
  }

  /** Marks far outside the view are left out, so that the Tab key goes through what can be seen. */
  #showInView(map: LibreMap): void {
    const view = map.getBounds();
    const [x, y] = [(view.getEast() - view.getWest()) / 4, (view.getNorth() - view.getSouth()) / 4];
    for (const mark of this.#marks.values()) {
      const { longitude, latitude } = mark.point;
      const inView = longitude > view.getWest() - x && longitude < view.getEast() + x && latitude > view.getSouth() - y && latitude < view.getNorth() + y;
      this.#show(mark, inView && !this.#gathered.has(mark.point.id));
    }
  }

  #show(mark: Mark, shown: boolean): void {
    if (mark.shown === shown || !this.#map) return;
    mark.shown = shown;
    if (shown) {
      mark.marker.addTo(this.#map);
      // The library names its markers itself; ours say more.
      dress(mark.button, mark.point);
    } else mark.marker.remove();
  }

  #open(mark: Mark): void {
    const map = this.#map;
    if (!map) return;
    this.#popup?.remove();
    const { point } = mark;
    const body = document.createElement("div");
    body.className = "map-popup";
    const kind = document.createElement("p");
    kind.className = "map-popup__kind";
    kind.textContent = point.simulated ? `◇ ${kindWords[point.kind]}, simulated` : kindWords[point.kind];
    const title = document.createElement("h3");
    title.textContent = point.label;
    body.append(kind, title);
    if (point.detail) {
      const detail = document.createElement("p");
      detail.textContent = point.detail;
      body.append(detail);
    }
    // Only our own pages and the web: never a script.
    if (point.url && /^(\/(?!\/)|https?:)/.test(point.url)) {
      const link = document.createElement("a");
      link.href = point.url;
      link.textContent = `Open ${point.label}`;
      body.append(link);
    }
    const popup = new Popup({ offset: point.kind === "customer" ? 44 : 20, maxWidth: "18rem", closeOnMove: false, focusAfterOpen: false }).setLngLat(mark.marker.getLngLat()).setDOMContent(body).addTo(map);
    const frame = popup.getElement();
    frame?.setAttribute("role", "dialog");
    frame?.setAttribute("aria-label", point.label);
    frame?.addEventListener("keydown", (event) => {
      if (event.key === "Escape") popup.remove();
    });
    (frame?.querySelector<HTMLElement>("a, .maplibregl-popup-close-button"))?.focus({ preventScroll: true });
    popup.on("close", () => {
      if (frame?.contains(document.activeElement) || document.activeElement === document.body) mark.button.focus({ preventScroll: true });
      if (this.#popup === popup) this.#popup = undefined;
    });
    this.#popup = popup;
    this.#popupOf = point.id;
  }

  /** Places that would cover each other are gathered under a number; the ends of lines, and couriers on a map of few, always show. */
  #cluster(marksChanged = false): void {
    const map = this.#map;
    if (!map) return;
    const zoom = Math.min(Math.round(map.getZoom() * 2) / 2, clusterZoomMax);
    if (zoom === this.#clusterZoom && !marksChanged) return;
    this.#clusterZoom = zoom;
    const worldPixels = 512 * 2 ** zoom;
    const placed = [];
    const ends = new Set(this.#lines.flatMap(({ from, to }) => [from, to]));
    for (const { point } of this.#marks.values()) {
      if (ends.has(point.id) || (point.kind === "courier" && this.#marks.size <= 60)) continue;
      const sine = Math.min(Math.max(Math.sin((point.latitude * Math.PI) / 180), -0.9999), 0.9999);
      placed.push({ id: point.id, x: (point.longitude / 360 + 0.5) * worldPixels, y: (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * worldPixels });
    }
    const gathered = zoom >= clusterZoomMax ? [] : clustersOf(placed, clusterRadiusPixels).filter(({ ids }) => ids.length > 1);
    this.#gathered = new Set(gathered.flatMap(({ ids }) => ids));
    this.#showInView(map);

    const key = `${zoom}|${gathered.map(({ ids }) => ids.join(",")).join("|")}`;
    if (key === this.#clusterKey) return;
    this.#clusterKey = key;
    const hadFocus = this.#clusters.some((marker) => marker.getElement() === document.activeElement);
    for (const marker of this.#clusters) marker.remove();
    this.#clusters = gathered.map(({ ids, x, y }) => {
      const points = ids.map((id) => this.#marks.get(id)?.point).filter((point) => point !== undefined);
      const bounds = new LngLatBounds();
      for (const { longitude, latitude } of points) bounds.extend([longitude, latitude]);
      const button = document.createElement("button");
      button.type = "button";
      button.className = "map-cluster";
      button.dataset["size"] = ids.length >= 100 ? "large" : ids.length >= 10 ? "middle" : "small";
      if (points.some(({ tone }) => tone === "bad")) button.dataset["tone"] = "bad";
      else if (points.some(({ tone }) => tone === "warn")) button.dataset["tone"] = "warn";
      button.textContent = String(ids.length);
      button.addEventListener("click", () => map.fitBounds(bounds, { padding: 72, maxZoom: clusterZoomMax, animate: !calm.matches }));
      const marker = new Marker({ element: button }).setLngLat([(x / worldPixels - 0.5) * 360, (360 / Math.PI) * Math.atan(Math.exp((0.5 - y / worldPixels) * 2 * Math.PI)) - 90]).addTo(map);
      button.setAttribute("aria-label", `${ids.length} places here: ${said(points)}. Zoom in.`);
      return marker;
    });
    if (hadFocus) map.getCanvas().focus({ preventScroll: true });
  }

  #gathered = new Set<string>();
  #clusterZoom = NaN;
  #clusterKey = "";
  #clusterDue: ReturnType<typeof setTimeout> | undefined;

  /** Moves come many a second; which marks cover each other is looked at anew every now and then. */
  #clusterSoon(): void {
    this.#clusterDue ??= setTimeout(() => {
      this.#clusterDue = undefined;
      this.#cluster(true);
    }, clusterEveryMs);
  }

  #onMoved(): void {
    const map = this.#map;
    if (!map || !this.#styled) return;
    const view = map.getBounds();
    if (map.getZoom() >= nearZoom) {
      const { signal } = this.#left;
      delete this.dataset["land"];
      void this.#coast?.show(view.getWest(), view.getSouth(), view.getEast(), view.getNorth(), signal).then(() => {
        if (signal.aborted) return;
        void map.once("idle", () => (this.dataset["land"] = "drawn"));
        map.triggerRepaint();
      });
    }
    if (map.getZoom() < nearZoom && !this.#far) {
      this.#far = true;
      map.getSource<GeoJSONSource>("land-far")?.setData(built("land-50m.json"));
      map.getSource<GeoJSONSource>("borders-far")?.setData(built("borders-50m.json"));
    }
    map.getSource<GeoJSONSource>("graticule")?.setData(graticule(view.getWest(), view.getSouth(), view.getEast(), view.getNorth()));
    this.#rings(map, view);
    this.#nameAreas(map);
  }

  /** From where a city is more than the number that its nodes are gathered under, to where it fills the view. */
  #nameAreas(map: LibreMap): void {
    for (const marker of this.#areaLabels) marker.remove();
    this.#areaLabels = map.getZoom() < 7 || map.getZoom() > 13 ? [] : this.#areas.map(({ name, label }) => wordsAt(map, name, "map-area", label));
  }

  /** There are no streets to judge distance by, so rings stand around the customer, else around the first place. */
  #rings(map: LibreMap, view: LngLatBounds): void {
    const points = [...this.#marks.values()].map(({ point }) => point);
    const heart = points.find(({ kind }) => kind === "customer") ?? points.find(({ kind }) => kind === "warehouse") ?? points.find(({ kind }) => kind !== "courier");
    for (const marker of this.#ringLabels) marker.remove();
    this.#ringLabels = [];
    const heightKm = (view.getNorth() - view.getSouth()) * 111.2;
    const shown = heart && map.getZoom() >= 6 ? ringKms(heightKm * 0.6) : [];
    const rings = shown.map((km) => ringAround([heart?.longitude ?? 0, heart?.latitude ?? 0], km));
    map.getSource<GeoJSONSource>("rings")?.setData({
      type: "FeatureCollection",
      features: rings.map(({ line }) => ({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: line } })),
    });
    this.#ringLabels = rings.map(({ km, label }) => wordsAt(map, saidKm(km), "map-ring", label));
  }

  #placeLines(): void {
    const at = (id: string): [number, number] | undefined => this.#marks.get(id)?.marker.getLngLat().toArray();
    this.#map?.getSource<GeoJSONSource>("lines")?.setData({
      type: "FeatureCollection",
      features: this.#lines.flatMap(({ from, to, kind }) => {
        const ends = [at(from), at(to)].filter((end) => end !== undefined);
        return ends.length === 2 ? [{ type: "Feature" as const, properties: { kind }, geometry: { type: "LineString" as const, coordinates: ends } }] : [];
      }),
    });
  }

  #repaint(): void {
    for (const [layer, property, value] of themedPaint()) this.#map?.setPaintProperty(layer, property as "line-color", value);
  }

  #legend(): void {
    const kinds = [...new Set([...this.#marks.values()].map(({ point }) => point.kind))];
    const legend = document.createElement("ul");
    legend.className = "map__legend";
    for (const kind of kinds) {
      const item = document.createElement("li");
      item.append(shapeOf(kind), kindWords[kind]);
      legend.append(item);
    }
    if ([...this.#marks.values()].some(({ point }) => point.simulated)) {
      const item = document.createElement("li");
      item.textContent = "◇ simulated";
      legend.append(item);
    }
    this.querySelector(".map__canvas")?.after(legend);
  }

  #follow(url: string): void {
    this.#events = new EventSource(url);
    this.#events.addEventListener("position", (event) => this.#moved(JSON.parse(event.data as string) as Position));
    this.#events.addEventListener("gone", (event) => {
      const { id } = JSON.parse(event.data as string) as { id: string };
      const mark = this.#marks.get(id);
      if (!mark) return;
      cancelAnimationFrame(mark.slide ?? 0);
      mark.marker.remove();
      this.#marks.delete(id);
      this.#cluster(true);
      this.#placeLines();
    });
  }

  #moved(position: Position): void {
    const mark = this.#marks.get(position.id);
    if (!mark) {
      if (!position.kind || !position.label) return;
      this.#add(position as MapPoint);
      this.#cluster(true);
      return;
    }

    const from = mark.marker.getLngLat();
    const before = mark.point;
    mark.point = { ...before, ...position };
    if (mark.shown && (mark.point.tone !== before.tone || mark.point.label !== before.label || mark.point.detail !== before.detail)) dress(mark.button, mark.point);

    this.#clusterSoon();
    cancelAnimationFrame(mark.slide ?? 0);
    const { longitude, latitude } = mark.point;
    const put = (x: number, y: number): void => {
      mark.marker.setLngLat([x, y]);
      if (this.#popup && this.#popupOf === mark.point.id) this.#popup.setLngLat([x, y]);
    };
    const far = Math.hypot(longitude - from.lng, latitude - from.lat) > slideDegreesMax;
    const hasLine = this.#lines.some((line) => line.from === position.id || line.to === position.id);
    if (far || calm.matches || document.hidden || !mark.shown) {
      put(longitude, latitude);
      if (hasLine) this.#placeLines();
      return;
    }

    const started = performance.now();
    const step = (now: number): void => {
      const part = Math.min(Math.max((now - started) / moveMs, 0), 1);
      put(from.lng + (longitude - from.lng) * part, from.lat + (latitude - from.lat) * part);
      if (hasLine) this.#placeLines();
      if (part < 1) mark.slide = requestAnimationFrame(step);
    };
    mark.slide = requestAnimationFrame(step);
  }
}

/** Words, not something to press: the list and the popups say what matters. */
function wordsAt(map: LibreMap, words: string, name: string, at: [number, number]): Marker {
  const text = document.createElement("span");
  text.className = name;
  text.textContent = words;
  const marker = new Marker({ element: text, anchor: name === "map-area" ? "bottom" : "center" }).setLngLat(at).addTo(map);
  text.removeAttribute("role");
  text.removeAttribute("tabindex");
  text.removeAttribute("aria-label");
  text.setAttribute("aria-hidden", "true");
  return marker;
}

/** "3 stores, 1 hub" */
function said(points: MapPoint[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of points) counts.set(kindWords[kind].toLowerCase(), (counts.get(kindWords[kind].toLowerCase()) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${count} ${count === 1 ? word : `${word}s`}`).join(", ");
}

customElements.define("caravan-map", CaravanMap);
