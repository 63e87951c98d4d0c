
// The pages without a kernel. `explorer` is explorer.js, as it runs in JupyterLab.

// Called by the script of an explorer: puts it in the place of its stored picture.
function hold(name, held) {
  const el = document.querySelector(`[data-explorer="${name}"]`);
  const model = standIn(held), { initialize, render } = explorer();
  initialize({ model });
  el.replaceChildren();
  render({ model, el });
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

// What can be scrolled can be reached by keyboard.
function reachable() {
  for (const node of document.querySelectorAll("pre, .drawn, table")) {
    if (node.scrollWidth > node.clientWidth) node.tabIndex = 0;
    else node.removeAttribute("tabindex");
  }
}
addEventListener("load", reachable);
addEventListener("resize", reachable);
document.addEventListener("toggle", reachable, true);
