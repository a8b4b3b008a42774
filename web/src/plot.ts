/**
 * A plot of a page's numbers:
 *
 *   <caravan-plot id="…" data-title="…" data-plot='{"kind":"stacked","unit":"","labels":[…],"series":[{"name":"…","values":[…]}]}'></caravan-plot>
 *
 * Drawn by uPlot, read by everybody: under the picture lies a slider over its places, worked by arrow keys, touch or mouse, which says the values of
 * a place in words. Series differ by dash and shape as well as by colour, and their colours come from caravan.css, so that they follow the theme.
 * The table of the same numbers stands beside it in the page; it is folded here, for the plot shows them already.
 */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

type Series = { name: string; values: (number | null)[] };
type Data = { kind: "stacked" | "lines"; unit: string; labels: string[]; series: Series[] };

const dashes = [[], [9, 5], [2, 4], [12, 4, 2, 4]];
/** Orders are counted, not measured: no half of one stands at the side. */
const wholes = [0, 1, 2, 3, 4, 5, 6].flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power));
const number = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

class CaravanPlot extends HTMLElement {
  #plot: uPlot | undefined;
  #data: Data | undefined;
  #place = 0;
  #resized: ResizeObserver | undefined;
  readonly #dark = matchMedia("(prefers-color-scheme: dark)");
  readonly #forced = matchMedia("(forced-colors: active)");
  readonly #draw = () => this.#make();

  connectedCallback(): void {
    const data = JSON.parse(this.dataset["plot"] ?? "null") as Data | null;
    if (!data || data.labels.length === 0 || this.querySelector("canvas")) return;
    this.#data = data;
    this.#place = lastPlace(data);
    this.append(this.#legend(data), element("div", "plot__canvas"), this.#reader(data));
    this.parentElement?.querySelector(":scope > details.plot__table")?.removeAttribute("open");
    this.#resized = new ResizeObserver(() => this.#fit());
    this.#resized.observe(this);
    for (const media of [this.#dark, this.#forced]) media.addEventListener("change", this.#draw);
    this.#make();
  }

  disconnectedCallback(): void {
    this.#resized?.disconnect();
    for (const media of [this.#dark, this.#forced]) media.removeEventListener("change", this.#draw);
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  #legend(data: Data): HTMLElement {
    const list = element("ul", "plot__legend");
    data.series.forEach((series, index) => {
      const item = element("li", "");
      item.innerHTML = data.kind === "stacked"
        ? `<svg viewBox="0 0 16 12" aria-hidden="true"><rect class="plot-${index + 1}" width="16" height="12" rx="2"/></svg>`
        : `<svg viewBox="0 0 32 12" aria-hidden="true"><path class="plot-${index + 1}" d="M0 6H32" stroke-width="3" stroke-dasharray="${(dashes[index] ?? []).join(" ")}"/></svg>`;
      item.append(series.name);
      list.append(item);
    });
    return list;
  }

  #reader(data: Data): HTMLElement {
    const box = element("div", "plot__reader");
    const slider = document.createElement("input");
    Object.assign(slider, { type: "range", min: "0", max: String(data.labels.length - 1), step: "1", value: String(this.#place), id: `${this.id}-reader` });
    slider.setAttribute("aria-label", `${this.dataset["title"] ?? "Plot"}: read the values`);
    slider.autocomplete = "off";
    const words = element("p", "plot__words");
    words.setAttribute("aria-hidden", "true");
    const say = () => {
      this.#place = Number(slider.value);
      const text = said(data, this.#place);
      slider.setAttribute("aria-valuetext", text);
      words.textContent = text;
      this.#point();
    };
    slider.addEventListener("input", say);
    box.append(slider, words);
    say();
    return box;
  }

  #make(): void {
    const data = this.#data;
    const canvas = this.querySelector<HTMLElement>(".plot__canvas");
    if (!data || !canvas) return;
    this.#plot?.destroy();
    canvas.replaceChildren();
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const font = `${Math.round(rem * 0.8)}px ${getComputedStyle(document.body).fontFamily}`;
    const [ink, grid, paper] = [colour("--muted"), colour("--line"), colour("--card")];
    const isStacked = data.kind === "stacked";
    const places = data.labels.map((_, index) => index);
    const drawn = isStacked ? stacked(data) : data.series.map((series) => series.values);
    const order = data.series.map((_, index) => (isStacked ? data.series.length - 1 - index : index));
    const axis = { stroke: ink, font, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
    this.#plot = new uPlot(
      {
        width: Math.max(240, canvas.clientWidth),
        height: Math.round(rem * (isStacked ? 16 : 13)),
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, y: false, points: { show: !isStacked } },
        scales: { x: { time: false, range: [-0.5, data.labels.length - 0.5] }, y: { range: (_, __, most) => [0, data.unit === "%" ? 100 : Math.max(1, most * 1.06)] } },
        axes: [
          { ...axis, grid: { show: false }, size: rem * 1.9, space: rem * 3.6, incrs: [1, 2, 3, 4, 7, 14, 30], values: (_, splits) => splits.map((split) => (Number.isInteger(split) ? (data.labels[split] ?? "") : "")) },
          { ...axis, size: rem * 3.4, space: rem * 2, ...(isStacked ? { incrs: wholes } : {}), values: (_, splits) => splits.map((split) => `${number.format(split)}${data.unit === "%" ? " %" : ""}`) },
        ],
        series: [
          {},
          ...order.map((index): uPlot.Series => {
            const stroke = colour(`--plot-${index + 1}`);
            return isStacked
              ? { fill: stroke, stroke: paper, width: 1, points: { show: false }, paths: uPlot.paths.bars!({ size: [0.82, 64] }) }
              : { stroke, width: 2.5, dash: dashes[index] ?? [], spanGaps: false, points: { show: data.labels.length < 40, size: index === 0 ? 7 : 9, fill: index === 0 ? stroke : paper, stroke, width: 2 } };
          }),
        ],
        hooks: {
          ready: [
            (plot) => {
              plot.over.addEventListener("pointermove", (event) => this.#read(plot.posToIdx(event.offsetX)));
              this.#point();
            },
          ],
        },
      },
      [places, ...order.map((index) => drawn[index] ?? [])] as uPlot.AlignedData,
      canvas,
    );
    canvas.querySelector("canvas")?.setAttribute("aria-hidden", "true");
    this.dataset["state"] = "ready";
  }

  #read(place: number): void {
    const slider = this.querySelector<HTMLInputElement>("input[type=range]");
    if (!slider || Number(slider.value) === place) return;
    slider.value = String(place);
    slider.dispatchEvent(new Event("input"));
  }

  #point(): void {
    const plot = this.#plot;
    if (plot) plot.setCursor({ left: plot.valToPos(this.#place, "x"), top: 0 }, false);
  }

  #fit(): void {
    const canvas = this.querySelector<HTMLElement>(".plot__canvas");
    if (!this.#plot || !canvas || Math.abs(canvas.clientWidth - this.#plot.width) < 2) return;
    this.#plot.setSize({ width: Math.max(240, canvas.clientWidth), height: this.#plot.height });
    this.#point();
  }
}

/** Each series on top of those below it. */
function stacked(data: Data): number[][] {
  const sums = data.labels.map(() => 0);
  return data.series.map((series) => data.labels.map((_, index) => (sums[index] = (sums[index] ?? 0) + (series.values[index] ?? 0))));
}

function lastPlace(data: Data): number {
  for (let place = data.labels.length - 1; place > 0; place--) if (data.series.some((series) => series.values[place])) return place;
  return data.labels.length - 1;
}

function said(data: Data, place: number): string {
  const unit = data.unit ? ` ${data.unit}` : "";
  const values = data.series.map((series) => ({ name: series.name, value: series.values[place] ?? null })).filter(({ value }) => value !== null && (value !== 0 || data.kind === "lines"));
  const words = values.map(({ name, value }) => `${name} ${number.format(value ?? 0)}${unit}`).join(", ");
  return `${data.labels[place] ?? ""}: ${words || "nothing"}`;
}

function element(tag: string, name: string): HTMLElement {
  const made = document.createElement(tag);
  if (name) made.className = name;
  return made;
}

/** A custom property is read back as it is written; only a real colour property is worked out for the theme. */
function colour(name: string): string {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = `var(${name}, #888888)`;
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

customElements.define("caravan-plot", CaravanPlot);
