
// The pages without a kernel. `explorer` is explorer.js, as it runs in JupyterLab.

// The script of an explorer is loaded when it is about to come into sight, or the address names it.
function load(el) {
  coming.unobserve(el);
  if (el.dataset.frames) document.head.append(Object.assign(document.createElement("script"), { src: el.dataset.frames }));
  delete el.dataset.frames;
}
const coming = new IntersectionObserver((seen) => {
  seen.filter(({ isIntersecting }) => isIntersecting).forEach(({ target }) => load(target));
}, { rootMargin: "100%" });
document.querySelectorAll("[data-explorer]").forEach((el) => coming.observe(el));
function named() {
  const el = document.querySelector(`[data-explorer="${CSS.escape(location.hash.slice(1).split("?")[0])}"]`);
  if (el) load(el);
}
addEventListener("hashchange", named);
named();

// Called by that script: puts the explorer in the place of its stored picture.
function hold(name, held) {
  const el = document.querySelector(`[data-explorer="${name}"]`);
  const model = standIn(held), { initialize, render } = explorer();
  const nearest = document.createElement("p"), box = document.createElement("div");
  nearest.setAttribute("role", "alert");
  box.className = "contained";
  el.replaceChildren(nearest, box);
  initialize({ model });
  render({ model, el: box });
  tall.observe(box.firstChild);
  reachable(el);
  address(name, held, model, (text) => { nearest.textContent = text; }, (block) => el.scrollIntoView({ block }));
}

// The height of an explorer is given, so that a new picture does not lay out the page anew.
const tall = new ResizeObserver((seen) => seen.forEach(({ target, borderBoxSize: [{ blockSize }] }) => {
  target.parentNode.style.height = `${blockSize}px`;
}));

// The setting stands in the address, #spread?stride=2&step=3, and an address leads to its setting.
const SETTLED = 200, PAUSE = 1500; // after so long a change is written; after so long it is a step of its own
let written = 0;
const again = performance.getEntriesByType("navigation")[0].type !== "navigate"; // then the reader is where he was
function address(name, { controls, setting, frames }, model, say, show) {
  const settings = Object.keys(frames).map((key) => JSON.parse(key));
  const moving = controls.map((control, n) => ({ ...control, n })).filter(({ n }) => {
    return settings.some((one) => String(one[n]) !== String(settings[0][n]));
  });
  const text = (value) => String(value ?? "None");
  let soon, reading = false;

  function write(how = Date.now() - written > PAUSE ? "pushState" : "replaceState") { // or a drag would be many steps
    const at = model.get("setting");
    const query = new URLSearchParams(moving.map(({ name }) => [name, text(at[name])]));
    history[how](null, "", `#${name}?${query}`);
    written = Date.now();
  }
  function read(block) {
    const [whose, query = ""] = location.hash.slice(1).split("?"), asked = new URLSearchParams(query);
    if (whose && whose !== name) return;
    const wanted = moving.map(({ name, n }) => ({ name, n, value: asked.get(name) ?? text(setting[name]) }));
    const far = (one) => wanted.reduce((sum, { n, value }) => {
      const apart = Math.abs(value - text(one[n]));
      return sum + (text(one[n]) === value ? 0 : Number.isNaN(apart) ? 1000 : apart);
    }, 0);
    const found = settings.reduce((best, one) => (far(one) < far(best) ? one : best));
    const known = wanted.filter(({ n, value }) => text(found[n]) === value).map(({ name }) => name);
    const missed = [...asked].filter(([name]) => !known.includes(name)).map((one) => one.join("="));
    clearTimeout(soon);
    reading = true;
    model.set("setting", Object.fromEntries(controls.map(({ name }, n) => [name, found[n]])));
    reading = false;
    if (missed.length) write("replaceState"); // what is sent on is what is shown
    say(missed.length ? `There is no ${missed.join(", ")} on this page. This is the nearest that there is.` : "");
    if (whose && block) show(block);
  }
  model.on("change:setting", () => {
    if (reading) return;
    say("");
    clearTimeout(soon);
    soon = setTimeout(write, SETTLED);
  });
  addEventListener("hashchange", () => read("nearest"));
  if (location.hash) read(again ? "" : "start"); // what is above may still grow
}

// What JupyterLab's model does of which explorer.js makes use, with every frame there already.
function standIn({ controls, setting, frames, pieces }) {
  const state = { controls, setting, frames: {} }, listeners = {};
  const tell = (event, ...what) => listeners[event]?.forEach((listener) => listener(...what));
  const key = (at) => JSON.stringify(controls.map(({ name }) => at[name]));
  const frame = (at) => JSON.parse(frames[key(at)].map((n) => pieces[n]).join(""));
  state.frames[key(setting)] = frame(setting);
  return {
    get: (name) => state[name],
    set(name, value) { state[name] = value; tell(`change:${name}`); },
    save_changes() {},
    on(event, listener) { (listeners[event] ??= []).push(listener); },
    off(event) { delete listeners[event]; },
    send({ id, ask }) {
      const answer = Object.fromEntries(ask.map((at) => [key(at), frame(at)]));
      queueMicrotask(() => tell("msg:custom", { id, frames: answer }));
    },
  };
}

// An exercise whose answer is numbers: fields in the place of the dots. What it says is what the check
// said to the same answer when the page was made.
function exercise(cell, { line, right, known, wrong, counts }) {
  const name = line.split(" ")[0], form = document.createElement("form");
  const said = Object.assign(document.createElement("pre"), { className: "said" });
  said.setAttribute("role", "status");
  const number = "\\s*[+\\-−]?\\d{1,5}([.]\\d{1,2})?\\s*"; // the checks round what is finer
  const [start, ...rest] = line.split("..."), code = document.createElement("code");
  const fields = rest.map((_, n) => Object.assign(document.createElement("input"), {
    ariaLabel: counts ? name : `${name}: number ${n + 1} of ${rest.length}`,
    autocomplete: "off",
    inputMode: counts ? "text" : "decimal",
    pattern: counts ? `[\\[\\(]?${number}([, ]${number})*[\\]\\)]?` : number,
    required: true,
    size: counts ? 30 : 6,
    title: counts ? "numbers, with commas or spaces between them" : "a number",
  }));
  code.append(start, ...rest.flatMap((text, n) => [fields[n], text]));
  form.append(code, Object.assign(document.createElement("button"), { textContent: "Check" }));
  form.oninput = () => { said.textContent = ""; }; // it was about another answer
  form.onsubmit = (event) => {
    event.preventDefault();
    said.textContent = says();
    said.scrollIntoView({ block: "nearest" });
    kept.add(name, fields.map(({ value }) => value), isRight());
  };
  function answer() {
    const texts = counts ? fields[0].value.split(/[^\d.+−-]+/).filter(Boolean) : fields.map(({ value }) => value.trim());
    return texts.map((text) => Number(text.replace("−", "-")));
  }
  const isRight = () => String(answer()) === String(right);
  function says() {
    const numbers = answer(), text = known[JSON.stringify(numbers)];
    if (text) return text;
    if (numbers.length !== right.length) return (counts[numbers.length] ?? counts.n).replace("{}", numbers.length);
    const six = numbers.map((one) => String(Number(one.toPrecision(6)))); // digits, as the checks say them
    if (six.length === 1) return wrong.replace("{}", six[0]);
    const cells = six.map((one, n) => (numbers[n] === right[n] ? ` ${one} ` : `[${one}]`));
    const width = Math.max(...cells.map(({ length }) => length));
    return wrong.replace("{}", cells.map((one) => one.padStart(width)).join(""));
  }
  cell.querySelector(".highlight").replaceWith(form);
  (cell.querySelector(".shown") ?? form).replaceWith(said);
  const { typed } = kept.answers[name] ?? {};
  if (typed?.length === fields.length) {
    fields.forEach((field, n) => { field.value = typed[n]; });
    said.textContent = says();
  }
  return name;
}

// The last answer to each exercise, and whether it has been done, kept in the browser.
const kept = {
  answers: {}, // {name: {typed: [text], done}}
  here: [],
  load() {
    try { this.answers = JSON.parse(localStorage.getItem("transconv answers")) ?? {}; } catch { /* not kept */ }
  },
  add(name, typed, isRight) {
    this.load(); // another page may have added some
    this.answers[name] = { typed, done: isRight || Boolean(this.answers[name]?.done) };
    try { localStorage.setItem("transconv answers", JSON.stringify(this.answers)); } catch { /* not kept */ }
    this.say();
  },
  say() {
    const so_far = this.here.filter((name) => this.answers[name]?.done).length;
    const others = document.querySelectorAll(".wants-function").length;
    const more = others ? `, and ${others} more in the notebook` : "";
    if (this.here.length) document.querySelector(".done").textContent = `Exercises done here: ${so_far} of ${this.here.length}${more}.`;
  },
};
kept.load();
kept.here = [...document.querySelectorAll(".marked")].map((data) => {
  return exercise(data.closest(".code"), JSON.parse(data.textContent));
});
kept.say();

// A reload or a way back leads to where the reader was, with what was unfolded and shown. It is told by
// what stood at the top of the window: its distance from the top of the page may be another by then.
const parts = [...document.querySelectorAll("main > *")], folds = [...document.querySelectorAll("main details")];
const viewed = `viewed in ${location.pathname}`, topOf = (part) => part.getBoundingClientRect().top;
function remember() {
  const open = folds.flatMap((fold, n) => (fold.open ? [n] : [])), all = document.body.matches(".all");
  const at = parts.findIndex((part) => part.getBoundingClientRect().bottom > 0);
  try { sessionStorage.setItem(viewed, JSON.stringify({ open, all, at, from: topOf(parts[at]) })); } catch { /* not kept */ }
}
let last = {};
try { last = JSON.parse(sessionStorage.getItem(viewed)) ?? {}; } catch { /* not kept */ }
folds.forEach((fold, n) => { fold.open = Boolean(last.open?.includes(n)); });
document.body.classList.toggle("all", Boolean(last.all));
addEventListener("pagehide", remember);

// What the cells after a prediction show is covered until it is unfolded, or all is to be shown; and
// cells that tell the answer further down, which follow each other under one note. Code in sight has its own.
function cover(node) {
  const top = node.closest("main > *"), after = top.previousElementSibling;
  let prediction = top;
  while (!prediction.matches("details:has(> summary > b:first-child)")) prediction = prediction.previousElementSibling;
  if (prediction.open) return;
  const asks = prediction.querySelector("summary").textContent.trim().replace(/\s+/g, " ");
  const textContent = `Covered until you unfold “${asks.replace(/^(.{60}\S*) .*$/, "$1 …")}”`;
  const note = Object.assign(document.createElement("p"), { className: "cover", textContent });
  if (node !== top || !after.matches(":has(> .covered:last-child), .covered")) node.before(note);
  node.classList.add("covered");
  prediction.addEventListener("toggle", () => {
    note.remove();
    node.classList.remove("covered");
  }, { once: true });
}
const covered = document.querySelectorAll("[data-covered]");
covered.forEach(cover);
if (covered.length) {
  const all = document.createElement("button");
  const say = () => { all.textContent = document.body.matches(".all") ? "Cover it again" : "Show all that is covered"; };
  all.onclick = () => {
    document.body.classList.toggle("all");
    say();
  };
  say();
  document.querySelector("header .aside").append(all);
}

// What can be scrolled can be reached by keyboard.
const sized = new ResizeObserver((seen) => {
  const wide = seen.map(({ target }) => target.scrollWidth > target.clientWidth);
  seen.forEach(({ target }, n) => { if (wide[n]) target.tabIndex = 0; else target.removeAttribute("tabindex"); });
  document.body.classList.add("measured"); // and what is out of sight is laid out no more
});
const reachable = (within) => within.querySelectorAll("pre, .drawn, table").forEach((node) => sized.observe(node));
reachable(document);

if (again && parts[last.at]) {
  history.scrollRestoration = "manual";
  scrollBy(0, topOf(parts[last.at]) - last.from);
}
