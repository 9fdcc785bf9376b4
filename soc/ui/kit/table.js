// A table whose events speak in the ids of the rows that this browser shows. Everything is text, nothing is HTML.
const made = new WeakMap();

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== "" && value !== null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

function badge(cell) {
  const color = cell.color || "gray";
  const filled = cell.filled;
  const node = element("span", { class: "badge" }, cell.text);
  node.style.background = filled ? filled : `var(--st-${color}-background-color)`;
  node.style.color = filled ? "#fff" : `var(--st-${color}-text-color)`;
  return node;
}

function bar(cell) {
  const inner = document.createElement("i");
  inner.style.width = `${Math.max(0, Math.min(100, cell.share))}%`;
  return [element("span", { class: "bar" }, inner), cell.text];
}

// a day and a time of day stand below each other where the room is short; neither is broken
function moment(text) {
  return text.split(" ").flatMap((word, at) => [at ? " " : "", element("span", { class: "word" }, word)]);
}

// a name goes on in the next line after one of its parts (web-142. | corp.example), copied it is what it was
function parts(text) {
  return text.split(/(?<=[.:@/\\_-])(?=[^.:@/\\_-])/).flatMap((part, at) => [at ? document.createElement("wbr") : "", part]);
}

// in a sentence a short word (an address as well) goes to the next line whole
const SHORT = 16;
function sentence(text) {
  const words = text.split(/(?<=\s)(?=\S)/);
  if (words.length === 1) return parts(text);
  return words.flatMap((word) => (word.trim().length > SHORT ? parts(word) : [element("span", { class: "word" }, word.trim()), " "]));
}

// columns give up what they have to spare, in steps, until the last of them can be seen; then the frame scrolls and says so
function fit(frame) {
  const table = frame.firstElementChild;
  if (!table || !frame.clientWidth) return;
  const give = (share) => {
    frame.style.setProperty("--share", share);
    frame.classList.toggle("dense", share < 1);
    return frame.scrollWidth <= frame.clientWidth;
  };
  // where it has to scroll anyway, words stay wide enough to be read
  if (![1, 0.8, 0.62, 0.45].some(give)) give(0.8);
  say_more(frame);
}

function say_more(frame) {
  const right = frame.scrollWidth - frame.clientWidth - frame.scrollLeft;
  frame.parentNode?.querySelector(".more")?.toggleAttribute("hidden", right < 4);
}

function act_button(one, id, act) {
  const button = element("button", { type: "button", title: one.title, "aria-label": one.title }, one.text);
  button.onclick = (event) => {
    event.stopPropagation();
    // once: what it came to draws the row anew
    const both = button.closest("td").querySelectorAll("button");
    for (const other of both) other.disabled = true;
    setTimeout(() => both.forEach((other) => { other.disabled = false; }), 3000);
    act.do(one.name, id);
  };
  return button;
}

function draw_cell(column, cell, id, act) {
  const node = document.createElement("td");
  if (cell === null || cell === undefined) return node;
  if (column.kind === "acts") {
    node.className = "acts";
    if (cell.text) node.append(badge(cell));
    node.append(element("div", {}, ...cell.acts.map((one) => act_button(one, id, act))));
    return node;
  }
  const said = typeof cell === "string" ? { text: cell } : cell;
  const hover = said.title ?? (column.kind === "text" ? said.text : undefined);
  if (hover) node.title = hover;
  if (said.href) {
    node.append(element("a", { href: said.href, target: "_blank", rel: "noopener noreferrer" }, said.text));
  } else if (said.below !== undefined) {
    const whole = column.kind === "whole";
    if (whole) node.className = "whole";
    node.append(element("div", whole ? {} : { class: "cut" }, ...(whole ? sentence(said.text) : [said.text])));
    if (said.below) node.append(element("div", { class: "below" }, said.below));
  } else if (column.kind === "badge") node.append(badge(said));
  else if (column.kind === "bar") node.append(...bar(said));
  else if (column.kind === "text") node.append(element("div", { class: "cut" }, said.text));
  else {
    node.className = { number: "right", moment: "once", code: "mono" }[column.kind] ?? "whole";
    if (column.kind === "moment") node.append(...moment(said.text));
    else if (node.className === "whole") node.append(...sentence(said.text));
    else node.append(said.text);
  }
  return node;
}

function draw_head(data, act) {
  const row = document.createElement("tr");
  if (data.mode === "tick") {
    const all = element("input", { type: "checkbox", "aria-label": "Tick every row shown" });
    all.onchange = () => act.tick_all(all.checked);
    row.append(element("th", { class: "tick" }, all));
  }
  for (const column of data.columns) {
    const arrow = column.sorted === "up" ? " ↑" : column.sorted === "down" ? " ↓" : "";
    const head = element("th", { scope: "col", title: column.help, class: column.kind === "number" ? "right" : "" });
    if (column.sorted) head.setAttribute("aria-sort", column.sorted === "up" ? "ascending" : "descending");
    if (column.sort) {
      const button = element("button", { type: "button", "aria-label": `Sort the whole list by ${column.label}` }, column.label + arrow);
      button.onclick = () => act.sort(column.name);
      head.append(button);
    } else head.append(column.label);
    row.append(head);
  }
  return element("thead", {}, row);
}

function draw_row(data, { id, cells }, act) {
  const row = element("tr", { "data-id": id });
  if (data.mode === "tick") {
    const box = element("input", { type: "checkbox", "aria-label": "Tick this row" });
    box.onchange = () => act.tick(id, box.checked);
    const cell = element("td", { class: "tick" }, box);
    cell.onclick = (event) => event.stopPropagation();
    row.append(cell);
  }
  cells.forEach((cell, at) => {
    const node = draw_cell(data.columns[at], cell, id, act);
    if (data.columns[at].width) node.style.setProperty("--wanted", `${data.columns[at].width}px`);
    if (data.columns[at].tight) node.classList.add("tight");
    if (data.columns[at].widest) node.style.maxWidth = `${data.columns[at].widest}px`;
    row.append(node);
  });
  if (data.mode !== "read") {
    row.className = "open";
    row.tabIndex = 0;
    row.onclick = (event) => {
      // words that were marked to be copied are no click, and a link is only a link
      if (event.target.closest("a, button") || String(window.getSelection())) return;
      act.open(id);
    };
    row.onkeydown = (event) => {
      if (event.key === "Enter" && event.target === row) act.open(id);
    };
  }
  return row;
}

const words = new TextDecoder();

export default function (component) {
  const { parentElement, setStateValue, setTriggerValue } = component;
  // the bytes of JSON: the server puts a table into words once for everybody who looks at it
  const drawn = words.decode(component.data);
  let kept = made.get(parentElement);
  if (!kept) {
    kept = { drawn: "", ticked: new Set(), frame: element("div", { class: "frame" }) };
    const more = element("div", { class: "more", title: "More columns: scroll to the right", "aria-hidden": "true", hidden: "hidden" }, "›");
    parentElement.append(element("div", { class: "around" }, kept.frame, more));
    kept.frame.onscroll = () => say_more(kept.frame);
    let width = 0;
    new ResizeObserver(() => {
      // only another width is another fit: the fit itself changes the height
      if (kept.frame.clientWidth === width) return;
      width = kept.frame.clientWidth;
      fit(kept.frame);
    }).observe(kept.frame);
    made.set(parentElement, kept);
  }
  if (kept.drawn === drawn) return;
  kept.drawn = drawn;
  const data = JSON.parse(drawn);
  const tell = () => setStateValue("ticked", [...kept.ticked]);
  const show = () => {
    for (const row of kept.frame.querySelectorAll("tbody tr")) {
      const box = row.querySelector(".tick input");
      row.classList.toggle("ticked", kept.ticked.has(row.dataset.id));
      if (box) box.checked = kept.ticked.has(row.dataset.id);
    }
  };
  const act = {
    open: (id) => setTriggerValue("opened", id),
    do: (name, id) => setTriggerValue("acted", `${name}:${id}`),
    sort: (name) => setTriggerValue("sorted", name),
    tick: (id, on) => { on ? kept.ticked.add(id) : kept.ticked.delete(id); show(); tell(); },
    tick_all: (on) => { kept.ticked = new Set(on ? data.rows.map((row) => row.id) : []); show(); tell(); },
  };
  const here = new Set(data.rows.map((row) => row.id));
  kept.ticked = new Set([...kept.ticked].filter((id) => here.has(id)));
  const body = element("tbody", {}, ...data.rows.map((row) => draw_row(data, row, act)));
  const { scrollTop, scrollLeft } = kept.frame;
  kept.frame.replaceChildren(element("table", { "aria-label": data.alt }, draw_head(data, act), body));
  kept.frame.classList.toggle("short", Boolean(data.short));
  kept.frame.style.maxHeight = data.height ? `${data.height}px` : "";
  fit(kept.frame);
  kept.frame.scrollTo(scrollLeft, scrollTop);
  show();
}
