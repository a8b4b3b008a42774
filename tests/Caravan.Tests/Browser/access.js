// What AccessTests asks of a page that stands open: WCAG 2.2 AA, as far as axe-core has no rule for it. Each question answers a list of faults.
window.access = (() => {
  const usual = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const visible = (one) => one.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });
  const style = (one) => getComputedStyle(one);
  const words = (text) => (text ?? "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();

  /** An element as a person finds it again. */
  function called(one) {
    if (!one) return "nothing";
    const text = (one.getAttribute("aria-label") ?? one.textContent ?? "").replace(/\s+/g, " ").trim().slice(0, 40);
    return `${one.tagName.toLowerCase()}${one.id ? `#${one.id}` : ""}${typeof one.className === "string" && one.className ? `.${one.className.split(" ")[0]}` : ""} "${text}"`;
  }

  const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

  /** The words of an element, as they are seen or as they are heard. */
  function textOf(one, heard) {
    let text = "";
    for (const node of one.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) text += node.data;
      else if (node.nodeType === Node.ELEMENT_NODE && !(heard ? node.ariaHidden === "true" : node.closest(".sr-only") || !visible(node))) text += ` ${textOf(node, heard)} `;
    }
    return text;
  }

  async function axe(tags, only) {
    const { violations } = await window.axe.run(document, {
      runOnly: only ? { type: "rule", values: only } : { type: "tag", values: tags },
      resultTypes: ["violations"],
      // Reads the style sheets once more over the network, for a rule about turning the screen.
      preload: false,
      iframes: false,
      elementRef: false,
    });
    return violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary.replaceAll("\n", " ").slice(0, 240)}`));
  }

  /** What holds of a page as it stands. */
  function standing() {
    const faults = [];
    const headings = document.querySelectorAll("h1").length;
    if (headings !== 1) faults.push(`${headings} headings of the first level`);
    if (!document.documentElement.lang) faults.push("no language");
    if (!document.title) faults.push("no title");
    for (const one of document.querySelectorAll("[aria-live=assertive]")) faults.push(`${called(one)} interrupts`);
    for (const one of document.querySelectorAll(".field__error")) if (!document.querySelector(`[aria-describedby~="${one.id}"][aria-invalid=true]`)) faults.push(`${called(one)} is tied to no field`);

    // 2.1.1: what invites a click is worked by keys, for it is a control of the language itself.
    for (const one of document.querySelectorAll("[onclick], [role=button], [role=link], [role=checkbox], [role=tab], [role=menuitem]")) if (!one.matches(usual)) faults.push(`${called(one)} is pressed and is no button`);
    for (const one of document.querySelectorAll("main *, header *, footer *")) {
      if (style(one).cursor === "pointer" && !one.closest(`${usual}, label, .map__canvas, .plot__canvas`)) {
        faults.push(`${called(one)} invites a click that no key can do`);
        break;
      }
    }
    for (const one of document.querySelectorAll("[tabindex]")) if (one.tabIndex > 0) faults.push(`${called(one)} jumps the order of the Tab key`);

    // 2.5.3: what is said to a control by voice is what is read on it.
    for (const one of document.querySelectorAll("a[href], button, summary, [role=slider]")) {
      if (!visible(one)) continue;
      const [seen, heard] = [words(textOf(one, false)), words(one.getAttribute("aria-label") ?? textOf(one, true))];
      if (!heard.includes(seen)) faults.push(`${called(one)} reads "${seen}" and is called "${heard}"`);
    }
    for (const one of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
      const label = [...(one.labels ?? [])].map((element) => textOf(element, false)).join(" ");
      if (!label && !one.ariaLabel && !one.getAttribute("aria-labelledby")) faults.push(`${called(one)} has no label`);
      else if (label && one.ariaLabel && !words(one.ariaLabel).includes(words(label))) faults.push(`${called(one)} has the label "${label}" and another name`);
    }

    // 2.3.3: who asks for less motion gets none.
    for (const one of document.querySelectorAll("body, body *")) {
      const { transitionDuration, animationDuration } = style(one);
      if (`${transitionDuration},${animationDuration}`.split(",").some((part) => parseFloat(part) > 0.011)) {
        faults.push(`${called(one)} moves, though less motion is asked for`);
        break;
      }
    }
    return faults;
  }

  /** 2.5.8: at least 24 by 24 px, or that far from the next. Links within a sentence are let off. */
  function targets() {
    const boxes = [...document.querySelectorAll(usual)]
      .filter((one) => visible(one) && !(one.tagName === "A" && style(one).display === "inline") && !one.closest(".skip, .sr-only"))
      .map((one) => ({ one, box: (one.type === "radio" || one.type === "checkbox" ? (one.closest("label") ?? one) : one).getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0);
    return boxes
      .filter(({ box }) => box.width < 23.5 || box.height < 23.5)
      .filter(({ one, box }) => {
        const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
        return boxes.some((other) => other.one !== one && other.box.left < x + 12 && other.box.right > x - 12 && other.box.top < y + 12 && other.box.bottom > y - 12);
      })
      .map(({ one, box }) => `${called(one)} is ${Math.round(box.width)} × ${Math.round(box.height)} and crowded`);
  }

  let order = [];

  /** Everything that can be worked, in the order it stands in; answers how many. Of a group of choices the Tab key stops at one. */
  function ordered() {
    const groups = new Set();
    order = [...document.querySelectorAll(`${usual}, [tabindex]`)].filter((one) => {
      if (one.tabIndex < 0 || one.disabled || !visible(one)) return false;
      if (one.type !== "radio") return true;
      const group = [...(one.form?.querySelectorAll(`input[name="${CSS.escape(one.name)}"]`) ?? [one])];
      const checked = group.find((other) => other.checked);
      if (checked ? checked !== one : groups.has(one.name)) return false;
      groups.add(one.name);
      return true;
    });
    begin();
    return order.length;
  }

  /** The next Tab goes to the first stop, wherever the page itself has put the keyboard. */
  function begin() {
    const first = document.createElement("i");
    first.tabIndex = -1;
    document.body.prepend(first);
    first.focus();
    first.remove();
    getSelection().removeAllRanges();
    scrollTo(0, 0);
  }

  /** Where the keyboard is after so many steps: at the right place, seen to be there, and hidden by nothing. Null at a box that scrolls by itself: the browser stops there too. */
  async function focused(step) {
    const found = hindered(step);
    if (!found?.length) return found;
    // What a person sees is what is drawn.
    await drawn();
    return hindered(step);
  }

  function hindered(step) {
    const [one, wanted] = [document.activeElement, order[step]];
    if (one !== wanted) return one && one !== document.body && one.tabIndex < 0 && /auto|scroll/.test(`${style(one).overflowX} ${style(one).overflowY}`) ? null : [`step ${step}: the keyboard is at ${called(one)}, not at ${called(wanted)}`];
    const faults = [];
    const shown = [one, one.closest("label, .choice, .field, .map__canvas"), one.nextElementSibling].filter(Boolean).map(style);
    if (!shown.some(({ outlineStyle, outlineWidth, boxShadow }) => (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) || boxShadow !== "none")) faults.push(`${called(one)} does not show that it has the focus`);
    const box = one.getBoundingClientRect();
    if (box.width > 0 && box.height > 0) {
      const [x, y] = [Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 2), Math.min(Math.max(box.top + box.height / 2, 1), innerHeight - 2)];
      const top = document.elementFromPoint(x, y);
      // On the map places may lie upon each other, and upon the map.
      if (top && one.closest(".map__canvas")?.contains(top)) return faults;
      if (!top || !(one.contains(top) || top.contains(one) || [...(one.labels ?? [])].some((label) => label.contains(top)))) faults.push(`${called(one)} has the focus at ${Math.round(box.left)}, ${Math.round(box.top)} and is hidden by ${called(top)}`);
    }
    return faults;
  }

  /** After the last stop the keyboard leaves the page. */
  const trapped = () => (order.indexOf(document.activeElement) > 0 ? [`the keyboard does not come out of the page: it is at ${called(document.activeElement)}`] : []);

  /** With these styles the page never scrolls sideways, and no text is cut off. */
  async function bears(css) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [sheet];
    await drawn();
    const faults = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) {
      const widest = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > root.clientWidth + 1 && !one.closest(".sr-only, .sideways, .top__nav")).at(-1);
      faults.push(`scrolls sideways by ${root.scrollWidth - root.clientWidth}: ${called(widest)}`);
    }
    const cutters = new Map();
    const cutterOf = (one) => {
      if (!one || one === document.body) return null;
      if (!cutters.has(one)) {
        const overflow = `${style(one).overflowX} ${style(one).overflowY}`;
        // What scrolls hides nothing for good.
        cutters.set(one, /auto|scroll/.test(overflow) ? null : /hidden|clip/.test(overflow) ? one : cutterOf(one.parentElement));
      }
      return cutters.get(one);
    };
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const parent = node.parentElement;
      const cutter = node.data.trim() && !parent.closest(".sr-only, .map__canvas, .plot__canvas, svg, script, style, template") && visible(parent) ? cutterOf(parent) : null;
      if (!cutter) continue;
      range.selectNodeContents(node);
      const [text, box] = [range.getBoundingClientRect(), cutter.getBoundingClientRect()];
      if (text.right > box.right + 1.5 || text.left < box.left - 1.5 || text.bottom > box.bottom + 1.5 || text.top < box.top - 1.5) faults.push(`${called(parent)} is cut off by ${called(cutter)}`);
    }
    document.adoptedStyleSheets = [];
    return faults.slice(0, 5);
  }

  return { axe, standing, targets, begin, ordered, focused, trapped, bears, drawn };
})();
