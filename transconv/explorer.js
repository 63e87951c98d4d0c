// Shows the frame of a setting at once if it is in the page, and asks Python for it if not; fetches
// the neighbours of a setting ahead; answers to the pointer. It knows nothing of convolution.
//
// model    controls [{name, label, kind, why}], setting {name: value}, frames {key: frame}
// key      JSON array of the setting's values, in the order of the controls
// frame    {svg, caption, words, setting, options {name: [value]}, moved, links, given} or {error}
// ask      {id, ask: [setting, ...]}, answered by {id, frames: {key: frame}}

const BATCH = 4, SAVE = 50, IDLE = 120, DIM = 250, PATIENCE = 2000, SILENCE = 5000, CACHED = 1000, BEAT = 1000;
const HINT = "Point at a cell, tap it, or use Tab and arrow keys: see what makes it and where it goes. A click marks it until Escape or a click beside it, and shows an input's step.";
const TYPE = " Double-click or Enter on an input or a kernel cell: type a number.";
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function create(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  // Or JupyterLab takes the arrow keys: it looks at the focused element alone.
  if ("form" in node || tag === "summary") node.dataset.lmSuppressShortcuts = "";
  return node;
}

// Keeps the text node: a new one costs 3 ms, as JupyterLab has rules with :has().
const put = (node, text) => node.textContent === text || ((node.firstChild ?? node.appendChild(new Text())).data = text);
const attach = (node, attributes) => Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));

// Makes a node of the page the new one: what stays as it is, is neither styled nor laid out again.
function become(node, now) {
  if (node.isEqualNode(now)) return;
  if (node.data && now.data) return void (node.data = now.data); // of a text
  const names = now.getAttributeNames?.() ?? [], before = [...node.childNodes], after = [...now.childNodes];
  if (node.nodeName !== now.nodeName || String(node.getAttributeNames()) !== String(names)) return node.replaceWith(now);
  for (const name of names) if (node.getAttribute(name) !== now.getAttribute(name)) node.setAttribute(name, now.getAttribute(name));
  before.forEach((child, at) => (at in after ? become(child, after[at]) : child.remove()));
  if (after.length > before.length) node.append(...after.slice(before.length));
}

// What the views of one model share: the frames, and the way to Python.
function shared(model) {
  const frames = new Map(Object.entries(model.get("frames"))), views = new Set(), controls = model.get("controls");
  const key = (setting) => JSON.stringify(controls.map(({ name }) => setting[name]));
  const here = () => model.get("setting");
  let options = {}, moved = "", id = 0, pending = null, visited = false, retry, idle, silence, mine, saving;

  function keep(asked, frame) {
    frames.delete(asked); // so that it becomes the newest
    frames.set(asked, frame);
    if (frame.setting && key(frame.setting) !== asked) keep(key(frame.setting), { ...frame, moved: "" });
    if (frames.size > CACHED) frames.delete(frames.keys().next().value);
  }
  function ask(settings) {
    pending = { id: ++id, shown: key(settings[0]) === key(here()) };
    clearTimeout(retry);
    retry = setTimeout(() => { pending = null; update(); }, PATIENCE); // a restarted kernel forgets
    try { model.send({ id, ask: settings }); } catch { /* and is no longer connected */ }
  }
  const set = (setting) => model.set("setting", mine = setting); // calls update
  function update() {
    const setting = here(), frame = frames.get(key(setting));
    if (frame?.setting && key(frame.setting) !== key(setting)) { // other controls had to move
      moved = frame.moved;
      return set(frame.setting);
    }
    options = frame?.options ?? options;
    if (frame) silence = clearTimeout(silence);
    else silence ??= setTimeout(() => views.forEach((view) => view.silent()), SILENCE);
    if (!frame && !pending?.shown) ask([setting]);
    for (const view of views) view.show(frame);
    clearTimeout(saving); // Python hears of where a drag rests: JupyterLab redraws its bars at each message
    if (frame && setting === mine) saving = setTimeout(() => model.save_changes(), SAVE);
    clearTimeout(idle);
    if (visited && frame) idle = setTimeout(ahead, IDLE);
  }
  function ahead() { // the steps first, then what is nearest
    if (pending) return;
    const wanted = [], last = ({ name }) => name !== "step";
    for (const { name } of [...controls].sort((a, b) => last(a) - last(b))) {
      const all = options[name] ?? [], at = all.indexOf(here()[name]);
      for (const n of [...all.keys()].sort((a, b) => Math.abs(a - at) - Math.abs(b - at))) {
        const other = { ...here(), [name]: all[n] };
        if (!frames.has(key(other))) wanted.push(other);
      }
    }
    if (wanted.length) ask(wanted.slice(0, BATCH));
  }
  model.on("change:setting", update);
  model.on("msg:custom", (reply) => {
    const come = Object.entries(reply.frames);
    come.forEach(([asked, frame]) => keep(asked, frame));
    if (pending?.id === reply.id) pending = clearTimeout(retry);
    if (key(here()) in reply.frames) update();
    else if (frames.has(key(here()))) ahead();
    else {
      for (const view of views) view.show(come[0][1]); // late, but better than none in a drag
      update();
    }
  });
  update();
  return {
    controls, views, update,
    get options() { return options; }, get moved() { return moved; }, get setting() { return here(); },
    fixed: (name) => options[name]?.length === 1,
    choose(name, value) {
      moved = "";
      frames.forEach((frame, asked) => frame.error && frames.delete(asked)); // to be tried again
      set({ ...here(), [name]: value });
    },
    visit() { if (!visited) update(visited = true); }, // nothing is fetched for those that nobody uses
    close() { [retry, idle, silence, saving].forEach(clearTimeout); },
  };
}

// A control is {node, write}: what stands in the page, and what brings it to the setting.
function control(of, { name, label, kind, why }) {
  const choose = (value) => of.choose(name, value), value = () => of.setting[name];
  const button = (textContent, onclick) => create("button", { type: "button", textContent, onclick });
  const group = (role, ...parts) => create("div", { role, ariaLabel: label }, ...parts), output = create("span", { className: "value" });
  const because = () => (of.fixed(name) && why ? ` (${why})` : "");
  if (kind === "numbers") {
    const fresh = button("new numbers", () => choose({ seed: value().seed + 1, typed: [] }));
    const first = button("lesson's", () => choose({ seed: 0, typed: [] }));
    return {
      node: group("group", fresh, first, output),
      write() {
        const { seed, typed } = value();
        fresh.hidden = first.hidden = of.fixed(name);
        put(output, of.fixed(name) ? `new numbers${because()}` : (seed ? `seed ${seed}` : "") + (typed.length ? " yours" : ""));
      },
    };
  }
  if (kind === "buttons") {
    const inputs = of.options[name].map((one) => create("input", { type: "radio", name, onchange: () => choose(one) }));
    const labels = inputs.map((input, at) => create("label", {}, input, of.options[name][at]));
    return {
      node: group("radiogroup", create("span", { textContent: label }), ...labels),
      write() { inputs.forEach((input, at) => { input.checked = of.options[name][at] === value(); }); },
    };
  }
  const input = create("input", { type: "range", min: 0, name, oninput: () => choose(of.options[name][input.value]) });
  const play = name === "step" ? [player(of, choose, button)] : [];
  return {
    node: create("div", {}, create("label", {}, create("span", { textContent: label }), input), output, ...play),
    write() {
      const all = of.options[name];
      Object.assign(input, { max: all.length - 1, value: all.indexOf(value()), disabled: of.fixed(name) });
      put(output, `${value() ?? "None"}${because()}`);
      input.ariaValueText = output.textContent;
    },
  };
}

function player(of, choose, button) {
  let beat;
  const look = (textContent, ariaLabel) => Object.assign(play, { textContent, ariaLabel });
  const stop = () => { beat = clearInterval(beat); look("▶", "play the steps"); };
  const next = () => {
    const all = of.options.step, at = all.indexOf(of.setting.step) + 1;
    if (at >= all.length || !play.isConnected) return stop();
    choose(all[at]);
  };
  const play = button("", () => {
    if (beat) return stop();
    if (of.setting.step === of.options.step.at(-1)) choose(of.options.step[0]);
    else next();
    beat = setInterval(next, BEAT);
    look("❚❚", "pause");
  });
  stop();
  return play;
}

// The picture with its cells: pointed at, pinned, clicked, typed into.
function picture(of) {
  const sum = create("p", { className: "sum", ariaLive: "polite" }), canvas = create("div", {}, create("p"));
  const box = create("div", { className: "picture" }, canvas, sum);
  let frame, grids = [], pointed = null, pinned = null, editor = null, from;
  const same = (a, b) => a?.p === b?.p && a?.n === b?.n, typing = () => of.setting.numbers && !of.fixed("numbers");
  const still = (cell) => (cell && grids[cell.p]?.shape === cell.shape ? cell : null);

  function draw(next) {
    const focused = grids.find(({ g }) => g === document.activeElement), before = grids;
    const made = next.error ? create("p", { role: "alert", textContent: next.error }) : create("template", { innerHTML: next.svg }).content.firstChild;
    frame = next;
    if (next.svg) box.style.minHeight = `calc(${made.dataset.room}px + 4em)`; // nothing below it moves
    if (next.svg) made.setAttribute("role", "group"); // and not "img", whose parts would be hidden
    grids = [...made.querySelectorAll(".panel")].map((g, p) => {
      const [rows, columns, side] = g.dataset.cells.split(",").map(Number), loose = "loose" in g.dataset;
      const title = [...g.querySelectorAll(".title")].map((line) => line.firstChild.nodeValue?.trim()).filter(Boolean).join(" ");
      attach(g, { tabindex: 0, role: "application", "aria-label": title, "data-lm-suppress-shortcuts": "" });
      const shape = `${rows},${columns}`, at = before[p]?.shape === shape ? before[p].at : 0;
      return {
        p, rows, columns, side, title, shape, at,
        get g() { return canvas.querySelectorAll(".panel")[p]; },
        get numbers() { return this.read ??= read(this.g, columns, side); }, // which few frames are asked for
        there(n) { return !loose || n in this.numbers; },
      };
    });
    become(canvas.firstChild, made);
    [pinned, pointed] = [pinned, pointed].map(still);
    if (!still(editor?.at)) editor?.close(); // a late picture of a step closes no editor
    if (focused) grids[focused.p]?.g.focus({ preventScroll: true });
    mark();
  }
  function read(g, columns, side) {
    const numbers = [];
    for (const text of g.querySelectorAll(".number text")) for (const span of text.children) {
      const [i, j] = [text.getAttribute("y"), span.getAttribute("x")].map((at) => Math.floor(at / side));
      numbers[i * columns + j] = span.textContent;
    }
    return numbers;
  }
  const place = (grid, n) => // among the cells that are there
    `(${Math.floor(n / grid.columns)},${[...Array(n % grid.columns).keys()].filter((j) => grid.there(n - j - 1)).length})`;
  function light({ p, n }, look) {
    const { g, columns, side } = grids[p], rect = g.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "rect"));
    const x = (n % columns) * side + 1, y = Math.floor(n / columns) * side + 1;
    attach(rect, { class: look, x, y, width: side - 2, height: side - 2 });
  }
  function mark() {
    canvas.querySelectorAll("rect").forEach((rect) => rect.remove());
    const cell = pointed ?? pinned;
    if (!cell) return put(sum, HINT + (typing() ? TYPE : ""));
    const grid = grids[cell.p], number = grid.numbers[cell.n] ?? "", lit = new Map(), into = new Map();
    let said = number;
    for (const { panels, rows, says: [before, between, none] } of frame.links) {
      const terms = [];
      for (let at = 0; at < rows.length; at += panels.length) {
        const [target, ...sources] = panels.map((p, m) => ({ p, n: rows[at + m] }));
        const made = same(target, cell), goes = sources.some((one) => same(one, cell));
        if (made) terms.push(sources.map(({ p, n }) => grids[p].numbers[n]).join("×"));
        for (const one of made ? sources : goes ? [target] : []) lit.set(`${one.p} ${one.n}`, one);
        if (goes) (into.get(target.p) ?? into.set(target.p, []).get(target.p)).push(target.n);
      }
      if (terms.length) said = before.replace("{}", number) + terms.join(between);
      else if (panels[0] === cell.p) said = [number, none].filter(Boolean).join(". ");
    }
    for (const [p, all] of into) {
      const { title } = grids[p], [first, last] = [Math.min(...all), Math.max(...all)].map((n) => place(grids[p], n));
      said += `, goes into ${all.length === 1 ? `${title} ${first}` : `${all.length} cells of ${title}, from ${first} to ${last}`}`;
    }
    if (!into.size && given(cell)) said += ", goes into no number at this step";
    lit.forEach((one) => light(one, "lit"));
    if (pinned) light(pinned, "pinned");
    if (pointed) light(pointed, "pointed");
    put(sum, `${grid.title} ${place(grid, cell.n)}: ${said}`);
    grid.at = cell.n;
  }
  const point = (cell) => { if (!same(cell, pointed)) mark(pointed = cell); };
  const cell = (p, n) => ({ p, n, shape: grids[p].shape });
  function under({ clientX, clientY }) {
    for (const grid of grids) {
      const { g, p, rows, columns, side } = grid, { x, y } = new DOMPoint(clientX, clientY).matrixTransform(g.getScreenCTM().inverse());
      const i = Math.floor(y / side), j = Math.floor(x / side);
      if (i >= 0 && j >= 0 && i < rows && j < columns && grid.there(i * columns + j)) return cell(p, i * columns + j);
    }
    return null;
  }
  const given = ({ p, n }) => {
    const { name, width, places } = frame.given[p] ?? { places: [] }, at = places[n] ?? -1;
    return at < 0 ? null : { name, at, row: Math.floor(at / width), column: at % width };
  };
  function press(at) { // a click, or the space bar
    pinned = same(pinned, at) ? null : at;
    const step = at && given(at)?.name === "input" && given(at).at + 1;
    if (step && of.options.step?.includes(step) && step !== of.setting.step) of.choose("step", step);
    mark();
  }
  function edit(at, step = of.setting.step) {
    if (step !== of.setting.step) of.choose("step", step); // which the first click of two has moved
    const what = given(at), numbers = of.setting.numbers;
    if (!what || !typing()) return press(at);
    editor?.close();
    const { title, numbers: drawn, g } = grids[at.p], ariaLabel = `${title} ${place(grids[at.p], at.n)}, a whole number`;
    const input = create("input", { value: drawn[at.n], size: 5, ariaLabel });
    const word = create("span", { role: "alert" }), node = create("div", { className: "editor" }, input, word);
    light(at, "pointed");
    const home = box.getBoundingClientRect(), there = g.lastChild.getBoundingClientRect();
    Object.assign(node.style, { left: `${there.x - home.x}px`, top: `${there.y - home.y}px` });
    editor = { at, close() { editor = null; node.remove(); } };
    input.onblur = () => editor?.close();
    input.onkeydown = (event) => {
      event.stopPropagation();
      if (event.key === "Escape") back();
      if (event.key !== "Enter" && event.key !== "Tab") return;
      event.preventDefault();
      const text = input.value.trim().replace("−", "-");
      word.textContent = !text ? "Type a number." : !/^[+-]?\d+$/.test(text) ? "This is no whole number." :
        text.replace(/\D/g, "").length > 4 ? "At most four digits." : "";
      if (word.textContent) return;
      const { name, row, column } = what;
      const others = numbers.typed.filter((one) => String(one.slice(0, 3)) !== String([name, row, column]));
      back();
      of.choose("numbers", { ...numbers, typed: [...others, [name, row, column, +text]] });
    };
    const back = () => { editor?.close(); grids[at.p]?.g.focus({ preventScroll: true }); };
    box.append(node);
    input.select();
  }
  box.onpointermove = box.onpointerdown = (event) => point(under(event));
  box.onpointercancel = box.onpointerleave = ({ type, pointerType }) => (type === "pointercancel" || pointerType === "mouse") && point(null); // a finger swipes
  box.onclick = (event) => { // the second of two is for typing, at the step before the first
    if (event.detail < 2) from = of.setting.step;
    if (event.detail < 2 && !editor) press(under(event));
  };
  box.ondblclick = (event) => { const at = under(event); if (at && given(at)) edit(at, from); };
  box.addEventListener("focusin", ({ target }) => {
    const grid = grids.find(({ g }) => g === target);
    if (grid && !pointed) point(cell(grid.p, grid.at));
  });
  box.addEventListener("focusout", ({ target }) => grids.some(({ g }) => g === target) && point(null));
  box.onkeydown = (event) => {
    const grid = grids.find(({ g }) => g === event.target);
    if (!grid || event.ctrlKey || event.metaKey || event.altKey) return;
    const { p, rows, columns, at: n } = grid;
    if (event.key in ARROWS) {
      const [down, right] = ARROWS[event.key], inside = () => i >= 0 && j >= 0 && i < rows && j < columns;
      let i = Math.floor(n / columns), j = n % columns;
      do { i += down; j += right; } while (inside() && !grid.there(i * columns + j));
      if (inside()) point(cell(p, i * columns + j));
    } else if (event.key === "Enter") edit(cell(p, n));
    else if (event.key === " ") press(cell(p, n));
    else if (event.key === "Escape") { pinned = null; mark(); }
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return { box, draw };
}

function view(of, el) {
  const { box, draw } = picture(of);
  const caption = create("p", { className: "caption", role: "status" }), words = create("pre");
  const fold = create("details", {}, create("summary", { textContent: "as text" }), words);
  const controls = of.controls.map((one) => control(of, one));
  const form = create("form", { onsubmit: () => false }, ...controls.map(({ node }) => node));
  const root = create("div", { className: "transconv-explorer transconv" }, form, caption, box, fold);
  for (const type of ["pointerenter", "focusin"]) root.addEventListener(type, of.visit);
  let shown, written = [], dim;
  const tell = fold.ontoggle = () => { words.textContent = fold.open ? shown?.words ?? "" : ""; };
  el.append(root);
  const self = {
    show(frame) {
      const at = of.controls.map(({ name }) => JSON.stringify([of.setting[name], of.options[name]]));
      controls.forEach(({ write }, n) => at[n] === written[n] || write(written[n] = at[n])); // what is written is laid out again
      if (!frame) return dim ??= setTimeout(() => root.toggleAttribute("data-waiting", true), DIM);
      dim = clearTimeout(dim);
      root.removeAttribute("data-waiting");
      put(caption, frame.error ? "" : [frame.caption, of.moved].filter(Boolean).join(" "));
      if (frame === shown) return;
      draw(shown = frame);
      tell();
    },
    silent() { put(caption, "The kernel does not answer. It may be busy; if it was restarted, run this cell again."); },
  };
  of.views.add(self);
  of.update();
  return () => of.views.delete(self);
}

export default () => {
  let of;
  return {
    initialize({ model }) { of = shared(model); return of.close; },
    render({ el }) { return view(of, el); },
  };
};
