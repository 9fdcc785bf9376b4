// Sends files to this server one after the other, as they are. Everything is text, nothing is HTML.
const made = new WeakMap();
const SECOND = 1000;

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function size_of(bytes) {
  for (const [unit, step] of [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]]) {
    if (bytes >= step) return `${(bytes / step).toFixed(1)} ${unit}`;
  }
  return `${bytes} B`;
}

function button(text, act, more = {}) {
  const node = element("button", { type: "button", class: "small", ...more }, text);
  node.onclick = act;
  return node;
}

// One picker: its rows, the file that is being sent, and what the page said last.
function make(root) {
  const input = element("input", { type: "file", multiple: "", tabindex: "-1", "aria-label": "Log files" });
  const choose = element("button", { type: "button" }, "Choose files");
  const hint = element("div", { class: "hint" });
  const drop = element("div", { class: "drop" }, choose, hint, input);
  const label = element("div", { class: "label" });
  const list = element("ul", { "aria-live": "polite" });
  const frame = element("div", { class: "picker" }, label, drop, list);
  root.append(frame);
  const picker = {
    rows: [], next: 0, sending: null, waiting_for_pass: null, told_coming: false, data: null, set: null, trigger: null,
  };

  const coming = () => picker.rows.some((row) => row.state === "waiting" || row.state === "sending");

  function tell_coming() {
    if (coming() === picker.told_coming) return;
    picker.told_coming = coming();
    picker.set("coming", picker.told_coming);
  }

  function words(row) {
    if (row.state === "waiting") return `${size_of(row.size)} · waits`;
    if (row.state === "kept") return `${size_of(row.size)} ✓`;
    if (row.state === "failed") return size_of(row.size);
    const share = row.size ? Math.floor((100 * row.sent) / row.size) : 0;
    return `${share} % of ${size_of(row.size)}${row.rate ? ` · ${(row.rate / 1e6).toFixed(1)} MB/s` : ""}`;
  }

  function draw_row(row) {
    const line = element("div", { class: "line" }, element("span", { class: "name" }, row.name));
    row.words = element("span", { class: "state" }, words(row));
    line.append(row.words);
    const node = element("li", { class: row.state }, line);
    if (row.state === "sending") {
      row.filled = element("i");
      row.bar = element("div", { class: "bar", role: "progressbar", "aria-label": `Sending ${row.name}`, "aria-valuemin": "0", "aria-valuemax": "100" }, row.filled);
      node.append(row.bar);
      show_progress(row);
    }
    if (row.state === "waiting" || row.state === "sending") line.append(button("Cancel", () => cancel(row)));
    if (row.state === "kept") line.append(button("Remove", () => picker.trigger("removed", row.number), { "aria-label": `Remove ${row.name}` }));
    if (row.state === "failed") {
      if (row.again) line.append(button("Try again", () => again(row)));
      line.append(button("Dismiss", () => { picker.rows = picker.rows.filter((one) => one !== row); draw(); }));
      node.append(element("div", { class: "why", role: "alert" }, row.why));
      if (row.plain) node.append(button("Use the plain uploader", () => picker.trigger("plain", true)));
    }
    return node;
  }

  function show_progress(row) {
    const share = row.size ? (100 * row.sent) / row.size : 0;
    row.words.textContent = words(row);
    row.filled.style.width = `${share}%`;
    row.bar.setAttribute("aria-valuenow", String(Math.floor(share)));
  }

  function draw() {
    list.replaceChildren(...picker.rows.map(draw_row));
    tell_coming();
  }

  function fail(row, why, { again = true, plain = false } = {}) {
    Object.assign(row, { state: "failed", why, again, plain });
    picker.sending = null;
    draw();
    go_on();
  }

  function again(row) {
    Object.assign(row, { state: "waiting", sent: 0, rate: 0 });
    ask_for_pass();
    draw();
  }

  function cancel(row) {
    picker.rows = picker.rows.filter((one) => one !== row);
    if (picker.sending?.row === row) {
      const { request } = picker.sending;
      picker.sending = null;
      request.abort();
    }
    draw();
    go_on();
  }

  // The pass ends when the page was not drawn for long: drawing it makes it new. What waits goes on then.
  function ask_for_pass() {
    picker.waiting_for_pass = Date.now();
    picker.trigger("renewed", picker.waiting_for_pass);
    setTimeout(() => { if (picker.waiting_for_pass) { picker.waiting_for_pass = null; go_on(); } }, 15 * SECOND);
  }

  function go_on() {
    if (picker.sending || picker.waiting_for_pass) return;
    const row = picker.rows.find((one) => one.state === "waiting");
    if (!row) return;
    if (Date.now() - picker.drawn_at > (picker.data.seconds - 60) * SECOND) { ask_for_pass(); return; }
    send(row);
  }

  function send(row) {
    const request = new XMLHttpRequest();
    row.number = picker.next++;
    Object.assign(row, { state: "sending", sent: 0, rate: 0 });
    picker.sending = { row, request };
    const seen = [[Date.now(), 0]];
    request.upload.onprogress = (event) => {
      if (picker.sending?.request !== request) return;
      row.sent = Math.min(event.loaded, row.size);
      seen.push([Date.now(), row.sent]);
      while (seen.length > 2 && seen[0][0] < Date.now() - 3 * SECOND) seen.shift();
      const time = Date.now() - seen[0][0];
      if (time > 200) row.rate = ((row.sent - seen[0][1]) * SECOND) / time;
      show_progress(row);
    };
    request.onload = () => {
      if (picker.sending?.request !== request) return;
      picker.sending = null;
      if (request.status === 201) {
        row.state = "kept";
        row.file = null;
        draw();
        picker.trigger("kept", row.number);
        go_on();
      } else refused(row, request);
    };
    request.onerror = () => {
      if (picker.sending?.request !== request) return;
      fail(row, "The file could not be read, or the connection to the server was lost before it was whole. Nothing of it was kept.", { plain: true });
    };
    request.open("POST", picker.data.address);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("X-Upload-Pass", picker.data.pass);
    request.setRequestHeader("X-Upload-Number", String(row.number));
    request.setRequestHeader("X-Upload-Name", encodeURIComponent(row.name.toWellFormed?.() ?? row.name));
    request.send(row.file);
    draw();
  }

  function refused(row, request) {
    let said = null;
    try { said = JSON.parse(request.responseText); } catch { /* a proxy's own page */ }
    const why = said?.title ? `${said.title} ${said.hint ?? ""}` : `The server answered ${request.status}: something before it does not let the file through.`;
    fail(row, why, { again: request.status !== 413, plain: !said?.title });
  }

  function add(file, folder) {
    const row = { name: file.name, size: file.size, file, state: "waiting", sent: 0, rate: 0 };
    picker.rows.push(row);
    const { largest } = picker.data;
    if (folder) Object.assign(row, { state: "failed", why: "This is a folder. Drop the files that are in it.", again: false });
    else if (file.size > largest) {
      Object.assign(row, { state: "failed", why: `The file is larger than ${size_of(largest)}. Split it, or raise SOC_MAX_UPLOAD_BYTES.`, again: false });
    }
  }

  choose.onclick = () => input.click();
  input.onchange = () => {
    for (const file of input.files) add(file, false);
    input.value = "";
    draw();
    go_on();
  };
  drop.ondragover = (event) => { event.preventDefault(); drop.classList.add("over"); };
  drop.ondragleave = () => drop.classList.remove("over");
  drop.ondrop = (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    const items = [...event.dataTransfer.items].filter((item) => item.kind === "file");
    items.forEach((item) => {
      const folder = Boolean(item.webkitGetAsEntry?.()?.isDirectory);
      const file = item.getAsFile();
      if (file) add(file, folder);
    });
    draw();
    go_on();
  };

  picker.take = (data, set, trigger) => {
    Object.assign(picker, { data, set, trigger, drawn_at: Date.now(), waiting_for_pass: null, told_coming: data.coming });
    picker.next = Math.max(picker.next, data.next);
    label.textContent = data.label;
    label.title = data.help;
    hint.textContent = `or drop them here, each up to ${size_of(data.largest)}. ${data.help}`;
    const here = new Map(data.kept.map((one) => [one.number, one]));
    picker.rows = picker.rows.filter((row) => row.state !== "kept" || here.has(row.number) || !row.seen);
    for (const one of data.kept) {
      const known = picker.rows.find((row) => row.number === one.number && row.state === "kept");
      if (known) known.seen = true;
      else if (picker.sending?.row.number !== one.number) picker.rows.push({ ...one, state: "kept", seen: true });
    }
    draw();
    go_on();
  };
  picker.leave = () => {
    const running = picker.sending;
    picker.sending = null;
    picker.rows = [];
    running?.request.abort();
  };
  return picker;
}

export default function (component) {
  const { data, parentElement, setStateValue, setTriggerValue } = component;
  let picker = made.get(parentElement);
  if (!picker) {
    picker = make(parentElement);
    made.set(parentElement, picker);
  }
  picker.take(data, setStateValue, setTriggerValue);
  return picker.leave; // the page went on to another
}
