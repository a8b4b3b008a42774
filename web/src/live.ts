/**
 * A region of a page that follows the server:
 *
 *   <caravan-live src="/orders/events" data-fragment="/orders/ord_…/fragment"> …what the server rendered… </caravan-live>
 *
 * On the server-sent event `refresh` the fragment is fetched and put in place of what is inside; focus, caret, scroll, opened details and
 * what somebody has begun to type stay. Bursts share one fetch; with `data-every` there is at most one in so many seconds. Without this island the page is simply as old as its last load.
 * It follows from where the page was read (`data-place` of the body), so that what happens until it listens is not missed.
 * EventSource sends Last-Event-ID by itself when a connection drops; after an answer that ends the stream for good (an error status) a new one is
 * opened with `?lastEventId=`, and the region refreshes at once, for something may have been missed.
 */
const quietMs = 250;
const retryMsMin = 2_000;
const retryMsMax = 60_000;

type Typed = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

class CaravanLive extends HTMLElement {
  #events: EventSource | undefined;
  #lastEventId = document.body.dataset["place"] ?? "";
  #retryMs = retryMsMin;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #due: ReturnType<typeof setTimeout> | undefined;
  #fetching = false;
  #again = false;
  #fetchedAt = 0;

  connectedCallback(): void {
    this.#open(false);
  }

  disconnectedCallback(): void {
    this.#events?.close();
    clearTimeout(this.#retry);
    clearTimeout(this.#due);
  }

  #open(isRetry: boolean): void {
    const source = this.getAttribute("src");
    if (!source) return;
    const url = new URL(source, location.href);
    if (this.#lastEventId) url.searchParams.set("lastEventId", this.#lastEventId);
    const events = new EventSource(url);
    this.#events = events;
    events.addEventListener("open", () => {
      this.dataset["state"] = "live";
      this.#retryMs = retryMsMin;
      if (isRetry) this.#schedule();
    });
    events.addEventListener("refresh", (event) => {
      this.#lastEventId = event.lastEventId;
      this.#schedule();
    });
    events.addEventListener("error", () => {
      this.dataset["state"] = "waiting";
      if (events.readyState !== EventSource.CLOSED) return;
      this.#retry = setTimeout(() => this.#open(true), this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, retryMsMax);
    });
  }

  #schedule(): void {
    if (this.#fetching) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#due);
    const restMs = this.#fetchedAt === 0 ? 0 : this.#fetchedAt + 1000 * Number(this.dataset["every"] ?? 0) - Date.now();
    this.#due = setTimeout(() => void this.#refresh(), Math.max(quietMs, restMs));
  }

  async #refresh(): Promise<void> {
    this.#fetching = true;
    this.#fetchedAt = Date.now();
    try {
      const answer = await fetch(this.dataset["fragment"] ?? location.href, { headers: { "HX-Request": "true", Accept: "text/html" }, cache: "no-store" });
      // Sent elsewhere means signed out: let the whole page go there.
      if (answer.redirected) location.reload();
      else if (answer.ok) this.#swap(await answer.text());
      else this.dataset["state"] = "waiting";
    } catch (error) {
      // The network is away; the stream tells when it is back, and that refreshes.
      if (!(error instanceof TypeError)) throw error;
      this.dataset["state"] = "waiting";
      this.#again = false;
    } finally {
      this.#fetching = false;
      if (this.#again) {
        this.#again = false;
        this.#schedule();
      }
    }
  }

  #swap(html: string): void {
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    // A whole page answers as well: then the region with our id is meant.
    const content = (this.id && fresh.content.querySelector(`caravan-live#${CSS.escape(this.id)}`)) || fresh.content;

    const focused = this.contains(document.activeElement) ? (document.activeElement as HTMLElement) : undefined;
    const focusPath = focused && selectorOf(focused);
    const caret = focused && "selectionStart" in focused ? [(focused as HTMLInputElement).selectionStart, (focused as HTMLInputElement).selectionEnd] : undefined;
    const typed = [...this.querySelectorAll<Typed>("input, textarea, select")].filter(isChanged).map((field) => ({ path: selectorOf(field), field }));
    const opened = [...this.querySelectorAll("details[open]")].map(selectorOf);
    const scrolled = [...this.querySelectorAll("[data-keep-scroll]")].map((element) => ({ path: selectorOf(element), left: element.scrollLeft, top: element.scrollTop }));

    this.replaceChildren(...[...content.childNodes].map((node) => document.importNode(node, true)));

    for (const path of opened) this.#find(path)?.setAttribute("open", "");
    for (const { path, field } of typed) {
      const now = this.#find(path) as Typed | null;
      if (!now || now.tagName !== field.tagName) continue;
      if (field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio")) (now as HTMLInputElement).checked = field.checked;
      else if (!(field instanceof HTMLInputElement && field.type === "file")) now.value = field.value;
    }
    for (const { path, left, top } of scrolled) this.#find(path)?.scrollTo({ left, top, behavior: "instant" });
    if (focusPath) {
      const now = this.#find(focusPath) as HTMLElement | null;
      now?.focus({ preventScroll: true });
      if (caret && caret[0] !== null && now && "setSelectionRange" in now) (now as HTMLInputElement).setSelectionRange(caret[0] ?? 0, caret[1] ?? 0);
    }

    (window as { htmx?: { process(element: Element): void } }).htmx?.process(this);
    this.dispatchEvent(new CustomEvent("caravan:refreshed", { bubbles: true }));
  }

  #find(path: string): Element | null {
    return path === "" ? null : this.querySelector(path);
  }
}

function isChanged(field: Typed): boolean {
  if (field instanceof HTMLSelectElement) return [...field.options].some((option) => option.selected !== option.defaultSelected);
  if (field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio")) return field.checked !== field.defaultChecked;
  return !(field instanceof HTMLInputElement && field.type === "hidden") && field.value !== field.defaultValue;
}

/** An element is found again by its id, else by its name within its form's action, else by its link: never by its place, which may have moved. */
function selectorOf(element: Element): string {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const name = element.getAttribute("name");
  const form = element.closest("form")?.getAttribute("action");
  const within = form ? `form[action="${CSS.escape(form)}"] ` : "";
  if (name) return `${within}[name="${CSS.escape(name)}"]`;
  const href = element.getAttribute("href");
  if (href) return `a[href="${CSS.escape(href)}"]`;
  return form && element.tagName === "BUTTON" ? `${within}button` : "";
}

customElements.define("caravan-live", CaravanLive);
