// The page: what a click means, what an event redraws, keys, dialogs, the clock.
import { afterDrawing, ask, data, refresh, rememberAll, toast } from "./wire.js";
import { changedFields, showErrors, valueOf, watchCombos, whereIs } from "./fields.js";
import { menuKey, openMenu, shutMenus } from "./menus.js";
import { watchComposers, write } from "./composer.js";

const $ = (id) => document.getElementById(id);
const modal = $("modal");
const scroll = $("scroll");

// Dialogs ---------------------------------------------------------------------------------

function confirmed(words) {
  const dialog = $("confirm");
  $("confirm-title").textContent = words.title;
  $("confirm-text").textContent = words.text;
  $("confirm-deny").textContent = words.deny;
  $("confirm-yes").textContent = words.confirm;
  $("confirm-yes").classList.toggle("btn-danger", words.style === "danger");
  $("confirm-yes").classList.toggle("btn-primary", words.style !== "danger");
  dialog.showModal();
  return new Promise((resolve) => {
    const answer = (isYes) => () => {
      dialog.close();
      resolve(isYes);
    };
    $("confirm-yes").onclick = answer(true);
    $("confirm-deny").onclick = answer(false);
    dialog.oncancel = answer(false);
  });
}

let before = null; // where the focus was when the first modal opened

function showModals() {
  const view = modal.querySelector("[data-view]");
  if (view && !modal.open) {
    before = document.activeElement;
    shutMenus();
    modal.showModal();
  } else if (!view && modal.open) {
    modal.close();
    if (before && before.isConnected) before.focus();
  }
  if (!view) return;
  if (modal.dataset.shown === view.dataset.view) return;
  modal.dataset.shown = view.dataset.view;
  const first = view.querySelector("[autofocus]") || view.querySelector(".modal-body :is(input, select, textarea, button, a)");
  if (first) first.focus();
}

function closeView(everything) {
  const view = modal.querySelector("[data-view]");
  if (view) ask("close", { view: view.dataset.view, everything });
}

modal.addEventListener("cancel", (event) => {
  event.preventDefault(); // Esc: the workspace closes the view and the page follows
  closeView(false);
});

async function submitView(view) {
  const button = view.querySelector('[type="submit"]');
  if (!button || button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  const answer = await ask("submit", { view: view.dataset.view, fields: changedFields(view) });
  button.removeAttribute("aria-busy");
  if (answer) showErrors(view, answer.errors);
}

// Elements of apps ------------------------------------------------------------------------

async function act(element, value) {
  if (element.getAttribute("aria-busy") === "true") return;
  if (element.dataset.confirm && !(await confirmed(JSON.parse(element.dataset.confirm)))) return;
  element.setAttribute("aria-busy", "true");
  const where = whereIs(element);
  const view = element.closest("[data-view]");
  await ask("click", {
    ...where,
    action_id: element.dataset.actionId,
    block_id: element.dataset.blockId,
    type: element.dataset.type,
    value,
    fields: view ? changedFields(view).filter((f) => f.action_id !== element.dataset.actionId || f.block_id !== element.dataset.blockId) : [],
  });
  element.removeAttribute("aria-busy");
}

// Clicks ----------------------------------------------------------------------------------

const messageOf = (element) => whereIs(element);

const clicks = {
  menu: (element) => openMenu(element),
  act: (element, event) => {
    if (element.matches("select, input, textarea, .combo, .boxes")) return; // these change
    shutMenus();
    if (element.matches("a[href]") && element.target !== "_blank") {
      event.preventDefault();
      act(element, element.value).then(() => location.assign(element.href));
    } else act(element, element.value);
  },
  close: (element) => closeView(element.dataset.close === "all"),
  closeDialog: (element) => element.closest("dialog").close(),
  react: (element) => { shutMenus(); ask("react", { ...messageOf(element), name: element.dataset.react }); },
  pin: (element) => { shutMenus(); ask("pin", { ...messageOf(element), do: element.dataset.pin }); },
  delete: (element) => { shutMenus(); ask("delete", messageOf(element)); },
  dismiss: (element) => ask("dismiss", messageOf(element)),
  copy: async (element) => {
    shutMenus();
    try {
      await navigator.clipboard.writeText(element.dataset.copy);
      toast("Link copied.");
    } catch {
      toast(element.dataset.copy, 8);
    }
  },
  shortcut: (element) => { shutMenus(); ask("shortcut", { callback_id: element.dataset.shortcut }); },
  messageShortcut: (element) => {
    shutMenus();
    ask("message_shortcut", { ...messageOf(element), callback_id: element.dataset.messageShortcut });
  },
  insert: (element) => { shutMenus(); write(element.closest("[data-composer]"), element.dataset.insert); },
  do: async (element) => {
    shutMenus();
    if (await ask("room", { channel: element.dataset.channel, do: element.dataset.do })) location.reload();
  },
  clock: (element) => moveClock(element.dataset.clock),
  clearFault: (element) => {
    const one = element.dataset.clearFault;
    ask(one === "all" ? "faults" : `faults/${one}`, {}, "DELETE").then(() => refresh("faults"));
  },
  picture: (element, event) => {
    event.preventDefault();
    const image = $("picture").querySelector("img");
    image.src = element.href;
    image.alt = element.querySelector("img").alt;
    $("picture").showModal();
  },
};

document.addEventListener("click", (event) => {
  for (const [name, handle] of Object.entries(clicks)) {
    const attribute = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const element = event.target.closest(`[data-${attribute}]`);
    // data-act may stand inside something else that reacts: the innermost meaning wins.
    if (element) return handle(element, event);
  }
  if (event.target === $("faults") || event.target === $("picture")) event.target.close();
});

document.addEventListener("change", (event) => {
  const field = event.target.closest("[data-field], [data-act]");
  if (!field) return;
  field.dataset.dirty = "";
  if (field.hasAttribute("data-act") && field.matches("select, input, textarea, .combo, .boxes")) {
    act(field, valueOf(field));
  }
});
document.addEventListener("input", (event) => {
  const field = event.target.closest("[data-field]");
  if (field && !event.target.matches('[role="combobox"]')) field.dataset.dirty = "";
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.matches("[data-view]")) {
    event.preventDefault();
    submitView(form);
  } else if (form.dataset.form) {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(form, event.submitter));
    if (form.dataset.form === "fault") {
      const rule = { kind: given.kind, method: given.method, seconds: Number(given.seconds) || 0 };
      if (given.error) rule.error = given.error;
      if (Number(given.times)) rule.times = Number(given.times);
      await addFault(rule);
    } else if (form.dataset.form === "door") {
      await throughDoor(form, given);
    } else {
      shutMenus();
      await ask("room", { channel: data.channel, do: form.dataset.form, ...given });
      refresh("head", "sidebar", "main");
    }
  }
});

async function throughDoor(form, given) {
  const button = form.querySelector("button");
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  const answer = await ask(form.dataset.door, given).finally(() => button.removeAttribute("aria-busy"));
  if (!answer) return;
  form.reset();
  form.closest("details")?.removeAttribute("open");
  if (answer.note) toast(answer.note, 8);
}

async function addFault(rule) {
  const response = await fetch("/_/faults", {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(rule),
  });
  const answer = await response.json();
  if (!answer.ok) toast(answer.error);
  refresh("faults");
}

// The clock -------------------------------------------------------------------------------

async function moveClock(by) {
  const clock = $("part-clock");
  if (clock.getAttribute("aria-busy") === "true") return;
  clock.setAttribute("aria-busy", "true");
  const answer = await ask("clock", { by });
  clock.removeAttribute("aria-busy");
  if (answer && answer.note) toast(answer.note);
  refresh("clock", "sidebar", "head", "main", "thread");
}
setInterval(() => refresh("clock"), 20_000);

// Keys ------------------------------------------------------------------------------------

function roomKey(event) {
  const rooms = [...document.querySelectorAll(".sidebar .room")].filter((room) => room.offsetParent);
  const at = rooms.indexOf(document.activeElement);
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (at < 0) return;
  let next = null;
  if (event.key in steps) next = rooms[(at + steps[event.key] + rooms.length) % rooms.length];
  else if (event.key === "Home") next = rooms[0];
  else if (event.key === "End") next = rooms.at(-1);
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function messageKey(event) {
  const message = event.target.closest(".message");
  if (!message || event.target !== message) return;
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (!(event.key in steps)) return;
  const all = [...message.parentElement.querySelectorAll(".message")];
  const next = all[all.indexOf(message) + steps[event.key]];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

document.addEventListener("keydown", (event) => {
  menuKey(event);
  roomKey(event);
  messageKey(event);
  if (event.key !== "Escape" || event.defaultPrevented) return;
  if (document.querySelector("dialog:modal, .menu:popover-open")) return;
  if ($("sidebar").classList.contains("open")) return drawer(false);
  const close = document.querySelector("[data-close-thread]");
  if (close) close.click();
});

// One message at a time is in the order of Tab; only its own toolbar follows it.
function makeReachable(message, isReachable) {
  for (const button of message.querySelectorAll(".toolbar > *, .toolbar [data-menu]")) {
    if (button.matches("a, button")) button.tabIndex = isReachable ? 0 : -1;
  }
}
document.addEventListener("focusin", (event) => {
  const message = event.target.closest(".message");
  if (!message) return;
  for (const other of message.parentElement.querySelectorAll('.message[tabindex="0"]')) other.tabIndex = -1;
  message.tabIndex = 0;
  makeReachable(message, true);
});
document.addEventListener("focusout", (event) => {
  const message = event.target.closest(".message");
  if (message && !message.contains(event.relatedTarget)) makeReachable(message, false);
});
function offerLastMessage() {
  for (const list of document.querySelectorAll(".messages")) {
    if (list.querySelector('.message[tabindex="0"]')) continue;
    const last = [...list.querySelectorAll(".message")].at(-1);
    if (last) last.tabIndex = 0;
  }
}

// Frame: the drawer and the theme ---------------------------------------------------------

function drawer(open) {
  $("sidebar").classList.toggle("open", open);
  $("veil").hidden = !open;
  $("drawer").setAttribute("aria-expanded", String(open));
  if (open) $("sidebar").querySelector("button, a").focus();
  else $("drawer").focus();
}
$("drawer").addEventListener("click", () => drawer(!$("sidebar").classList.contains("open")));
$("veil").addEventListener("click", () => drawer(false));
$("faults-open").addEventListener("click", () => { refresh("faults"); $("faults").showModal(); });
$("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const isDark = root.dataset.theme === "dark"
    || (root.dataset.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = isDark ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
});

// Live ------------------------------------------------------------------------------------

const redraws = {
  message: (event) => (event.channel === data.channel ? ["main", "head", "thread", "sidebar"] : ["sidebar"]),
  ephemeral: () => ["main", "thread"],
  view: () => ["modal"],
  home: () => ["main"],
  channel: () => ["sidebar", "head", "main"],
  user: () => ["sidebar", "head"],
  read: () => ["sidebar"],
  clock: () => ["clock", "main", "thread"],
  fault: () => ["faults"],
  mail: () => (data.mailbox ? ["sidebar", "head", "main"] : ["sidebar"]),
  ticket: () => (data.ticket ? ["head", "main"] : []),
  notice: (event) => { toast(event.text, 6); return []; },
};
const everything = ["sidebar", "head", "main", "thread", "modal", "clock", "faults"];

function announce(event) {
  if (event.change !== "new" && event.type !== "ephemeral") return;
  const row = document.querySelector(`[data-part="main"] [data-ts="${event.ts}"]`);
  if (!row || !row.dataset.author || row.dataset.author === data.name) return;
  const words = row.querySelector(".body").textContent.trim().replace(/\s+/g, " ").slice(0, 160);
  $("announcer").textContent = `${row.dataset.author}: ${words}`;
}

function markRead() {
  if (data.mailbox && document.visibilityState === "visible") ask("mail_read", { address: data.mailbox });
  if (data.channel && document.visibilityState === "visible") ask("read", { channel: data.channel });
}

async function heard(event) {
  const names = (redraws[event.type] || (() => []))(event);
  if (names.length) await refresh(...names);
  if (event.type === "mail" && data.mailbox) markRead();
  if (event.channel !== data.channel) return;
  if (event.type === "message" || event.type === "ephemeral") announce(event);
  if (event.type === "message" && event.change === "new") markRead();
}

function listen() {
  let wasLost = false;
  const events = new EventSource(`/_/events?as=${encodeURIComponent(data.as)}`);
  events.addEventListener("message", (message) => heard(JSON.parse(message.data)));
  events.addEventListener("error", () => { wasLost = true; });
  events.addEventListener("open", () => {
    // What happened between drawing the page and listening, or while the line was down.
    refresh(...everything).then(() => { document.body.dataset.live = ""; });
    if (wasLost) toast("Connected again.");
    wasLost = false;
  });
}

const isAtEnd = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < 80;
let stick = [];
afterDrawing({
  before() {
    stick = [...document.querySelectorAll(".scroll")].filter(isAtEnd);
  },
  after(parts) {
    if ((data.home || data.mailbox || data.ticket || isQuiet) && "main" in parts) stick = [];
    for (const box of stick) box.scrollTop = box.scrollHeight;
    offerLastMessage();
    if ("modal" in parts) showModals();
  },
});
document.addEventListener("toggle", (event) => {
  if (event.target.matches("details[open]")) event.target.scrollIntoView({ block: "nearest" });
  const part = event.target.closest?.("[data-stale]");
  if (!part || event.newState !== "closed") return;
  delete part.dataset.stale;
  refresh(part.dataset.part);
}, true);

function goTo(ts) {
  const message = ts && document.querySelector(`[data-ts="${CSS.escape(ts)}"]`);
  if (!message) return false;
  message.scrollIntoView({ block: "center" });
  message.classList.add("message-here");
  return true;
}

rememberAll();
offerLastMessage();
watchCombos();
watchComposers();
showModals();
const isQuiet = document.querySelector(".welcome") && !document.querySelector(".message");
if (!data.home && !data.mailbox && !data.ticket && !isQuiet) for (const box of document.querySelectorAll(".scroll")) box.scrollTop = box.scrollHeight;
goTo(data.at);
document.querySelector(".room[aria-current]")?.scrollIntoView({ block: "nearest" });
listen();
markRead();
document.addEventListener("visibilitychange", markRead);
if (data.home) ask("home", { home: data.home });
