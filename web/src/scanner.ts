/**
 * Hand scanners type like a very fast person and end with Enter. This island tells such a burst from typing and gives the code to a form:
 *
 *   <form data-scan [data-scan-min="6"] [data-scan-beep]> <input data-scan-into …> </form>
 *
 * The form that holds the focus wins, else the first one on the page. What the burst wrote into another field meanwhile is taken back.
 * Each scan raises `caravan:scan` on the form, detail `{ code }`; preventDefault keeps it from being sent.
 */
const betweenKeysMsMax = 40;
/** FNC1, which parts the elements of a GS1 code; wedges send it as this key with Ctrl or as the character itself. */
const groupSeparator = "\u001d";

let code = "";
let lastKeyAt = 0;
let touched: { field: HTMLInputElement | HTMLTextAreaElement; value: string } | undefined;

function scanForm(): HTMLFormElement | undefined {
  const focused = document.activeElement?.closest<HTMLFormElement>("form[data-scan]");
  return focused ?? [...document.querySelectorAll<HTMLFormElement>("form[data-scan]")].find((form) => form.checkVisibility());
}

function isText(element: Element | null): element is HTMLInputElement | HTMLTextAreaElement {
  return element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;
}

function start(at: number): void {
  code = "";
  lastKeyAt = at;
  const focused = document.activeElement;
  touched = isText(focused) ? { field: focused, value: focused.value } : undefined;
}

function beep(): void {
  try {
    const audio = new AudioContext();
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    volume.gain.value = 0.08;
    tone.frequency.value = 1320;
    tone.connect(volume).connect(audio.destination);
    tone.onended = () => void audio.close();
    tone.start();
    tone.stop(audio.currentTime + 0.07);
  } catch (error) {
    // A browser that has not been touched yet may refuse sound; the flash is enough.
    if (!(error instanceof DOMException)) throw error;
  }
}

function give(form: HTMLFormElement, scanned: string): void {
  const into = form.querySelector<HTMLInputElement>("[data-scan-into]") ?? form.querySelector<HTMLInputElement>("input[type=text], input[type=search], input:not([type])");
  if (!into) return;
  if (touched && touched.field !== into) touched.field.value = touched.value;
  into.value = scanned;
  form.classList.remove("scan-flash");
  requestAnimationFrame(() => form.classList.add("scan-flash"));
  if (form.hasAttribute("data-scan-beep")) beep();
  if (form.dispatchEvent(new CustomEvent("caravan:scan", { detail: { code: scanned }, bubbles: true, cancelable: true }))) form.requestSubmit();
}

document.addEventListener(
  "keydown",
  (event) => {
    if (event.isComposing || event.metaKey || event.altKey) return;
    const at = event.timeStamp;
    if (code === "" || at - lastKeyAt > betweenKeysMsMax) {
      if (event.key === "Enter") return;
      start(at);
    }
    lastKeyAt = at;

    if (event.key === "Enter") {
      const form = scanForm();
      const scanned = code;
      code = "";
      if (form && scanned.length >= Number(form.dataset["scanMin"] ?? 6)) {
        event.preventDefault();
        give(form, scanned);
      }
      return;
    }

    if (event.key === groupSeparator || (event.ctrlKey && event.key === "]")) code += groupSeparator;
    else if (event.key.length === 1 && !event.ctrlKey) code += event.key;
  },
  { capture: true },
);
