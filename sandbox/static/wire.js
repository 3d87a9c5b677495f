// Talking to the workspace: the doors, the parts of the page, and drawing what changed.

export const data = JSON.parse(document.getElementById("data").textContent);

export function toast(words, seconds = 4) {
  const box = document.getElementById("toasts");
  const line = document.createElement("div");
  line.className = "toast";
  line.textContent = words;
  // A dialog covers everything below the top layer; the message has to stand above it.
  if (document.querySelector("dialog:modal") && box.showPopover) {
    box.popover = "manual";
    box.showPopover();
  }
  box.append(line);
  setTimeout(() => {
    line.remove();
    if (!box.children.length && box.matches(":popover-open")) box.hidePopover();
  }, seconds * 1000);
}

// Ask a door. Answers null after having said what went wrong.
export async function ask(door, body, method = "POST") {
  let answer;
  try {
    const response = await fetch(`/_/${door}`, {
      method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ as: data.as, ...body }),
    });
    answer = await response.json();
  } catch {
    answer = { ok: false, error: "The workspace does not answer. Is it still running?" };
  }
  if (answer.ok) return answer;
  toast(answer.error);
  return null;
}

// What each keyed element looked like when the server sent it: the person may have changed it.
const source = new WeakMap();
const drawn = new Map();

function remember(root) {
  for (const element of root.querySelectorAll("[data-keyed] > [data-key]")) {
    source.set(element, element.outerHTML);
  }
}

export function rememberAll() {
  for (const part of document.querySelectorAll("[data-part]")) {
    drawn.set(part, part.innerHTML);
    remember(part);
  }
}

function held(element) {
  const found = new Map();
  for (const field of element.querySelectorAll("[data-dirty]")) {
    const input = field.matches("input, textarea, select") ? field : field.querySelector("input");
    found.set(field.dataset.blockId + "|" + field.dataset.actionId, input ? input.value : "");
  }
  return found;
}

// Give a redrawn input what was typed into it before (Slack keeps it for the same ids).
function giveBack(element, values) {
  for (const field of element.querySelectorAll("[data-field]")) {
    const value = values.get(field.dataset.blockId + "|" + field.dataset.actionId);
    if (value === undefined || !field.matches("input, textarea, select")) continue;
    field.value = value;
    field.dataset.dirty = "";
  }
}

function mark(element) {
  if (!element || !element.dataset) return null;
  const near = element.closest("[data-key]");
  return {
    key: near ? near.dataset.key : "",
    action: element.dataset.actionId || "",
    id: element.id,
    href: element.getAttribute("href"),
    menu: element.hasAttribute("data-menu"),
  };
}

// Bring the list to the new state, leaving alone what did not change.
function patchList(list, next) {
  const old = new Map([...list.children].map((child) => [child.dataset.key, child]));
  let place = list.firstElementChild;
  for (const fresh of [...next.children]) {
    const html = fresh.outerHTML;
    let child = old.get(fresh.dataset.key);
    old.delete(fresh.dataset.key);
    if (!child || source.get(child) !== html) {
      if (child) {
        giveBack(fresh, held(child));
        const open = child.querySelectorAll("details[open]").length > 0;
        if (place === child) place = child.nextElementSibling;
        child.remove();
        if (open) fresh.querySelectorAll("details").forEach((d) => (d.open = true));
      }
      child = fresh;
      source.set(child, html);
    }
    if (child === place) place = place.nextElementSibling;
    else list.insertBefore(child, place);
  }
  for (const child of old.values()) child.remove();
}

function sameFrame(part, next) {
  const a = part.querySelector("[data-keyed]");
  const b = next.querySelector("[data-keyed]");
  if (!a || !b) return null;
  const view = (root) => (root.querySelector("[data-view]") || { dataset: {} }).dataset.view;
  return view(part) === view(next) ? [a, b] : null;
}

function patchFrame(part, next) {
  const now = part.querySelector("[data-view]");
  const then = next.querySelector("[data-view]");
  if (!now || !then) return;
  now.dataset.hash = then.dataset.hash;
  for (const selector of [".modal-head", ".modal-end"]) {
    const [old, fresh] = [now.querySelector(selector), then.querySelector(selector)];
    if (old && fresh && old.innerHTML !== fresh.innerHTML) old.replaceWith(fresh);
  }
}

function patch(part, html) {
  const next = document.createElement("template");
  next.innerHTML = html;
  if (drawn.get(part) === next.innerHTML) return;
  drawn.set(part, next.innerHTML);
  const lists = sameFrame(part, next.content);
  const focus = part.contains(document.activeElement) ? mark(document.activeElement) : null;
  if (lists) {
    patchFrame(part, next.content);
    patchList(...lists);
  } else {
    part.replaceChildren(next.content);
    remember(part);
  }
  if (focus && !part.contains(document.activeElement)) refocus(part, focus);
}

function refocus(part, focus) {
  const near = focus.key ? part.querySelector(`[data-key="${CSS.escape(focus.key)}"]`) || part : part;
  let target = focus.id ? document.getElementById(focus.id) : null;
  if (!target && focus.action) target = near.querySelector(`[data-action-id="${CSS.escape(focus.action)}"]`);
  if (!target && focus.href) target = near.querySelector(`[href="${CSS.escape(focus.href)}"]`);
  if (!target && focus.menu) target = near.querySelector("[data-menu]");
  if (target) target.focus({ preventScroll: true });
}

// Fetch parts anew and draw them. Several wishes within a moment become one request.
const wanted = new Set();
let waiting = null;
const after = [];

export function afterDrawing(listener) {
  after.push(listener);
}

export function refresh(...names) {
  for (const name of names) wanted.add(name);
  waiting ??= new Promise((resolve) => setTimeout(resolve, 30)).then(async () => {
    waiting = null;
    const now = [...wanted];
    wanted.clear();
    await draw(now);
  });
  return waiting;
}

async function draw(names) {
  const query = new URLSearchParams({ as: data.as, names: names.join(",") });
  for (const key of ["channel", "thread", "home", "mailbox", "ticket"]) if (data[key]) query.set(key, data[key]);
  let parts;
  try {
    const response = await fetch(`/_/parts?${query}`);
    if (!response.ok) return;
    parts = await response.json();
  } catch {
    return; // the event stream comes back by itself and asks again
  }
  for (const listener of after) listener.before?.(parts);
  for (const [name, html] of Object.entries(parts)) {
    const part = document.querySelector(`[data-part="${name}"]`);
    // An open menu is not taken out of somebody's hands.
    if (part && !(name !== "modal" && part.querySelector(".menu:popover-open"))) patch(part, html);
    else if (part) part.dataset.stale = "";
  }
  for (const listener of after) listener.after?.(parts);
}
