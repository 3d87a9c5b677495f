// Menus: one at a time, placed beside their button, used with arrow keys.

export function place(menu, anchor) {
  const at = anchor.getBoundingClientRect();
  const gap = 4;
  const below = window.innerHeight - at.bottom;
  const above = below < menu.offsetHeight + gap && at.top > below;
  const top = above ? at.top - menu.offsetHeight - gap : at.bottom + gap;
  const left = at.left + menu.offsetWidth > window.innerWidth - 8 ? at.right - menu.offsetWidth : at.left;
  menu.style.top = `${Math.max(8, Math.min(top, window.innerHeight - menu.offsetHeight - 8))}px`;
  menu.style.left = `${Math.max(8, left)}px`;
}

const items = (menu) => [...menu.querySelectorAll('[role="menuitem"]:not([hidden])')];

export function openMenu(button) {
  const menu = button.parentElement.querySelector(":scope > .menu");
  if (menu.matches(":popover-open")) return menu.hidePopover();
  menu.showPopover();
  place(menu, button);
  button.setAttribute("aria-expanded", "true");
  menu.addEventListener("toggle", function closed(event) {
    if (event.newState !== "closed") return;
    button.setAttribute("aria-expanded", "false");
    menu.removeEventListener("toggle", closed);
    if (menu.contains(document.activeElement) || document.activeElement === document.body) button.focus();
  });
  const first = menu.querySelector("[aria-current]") || items(menu)[0] || menu.querySelector("input, select, button, a");
  if (first) first.focus();
}

export function shutMenus() {
  document.querySelectorAll(".menu:popover-open").forEach((menu) => menu.hidePopover());
}

export function menuKey(event) {
  const menu = event.target.closest('.menu[role="menu"]');
  if (!menu) return;
  const all = items(menu);
  const at = all.indexOf(document.activeElement);
  const wide = menu.matches(".menu-grid");
  const steps = { ArrowDown: wide ? 8 : 1, ArrowUp: wide ? -8 : -1, ArrowRight: 1, ArrowLeft: -1 };
  let next = null;
  if (event.key in steps) next = all[(at + steps[event.key] + all.length) % all.length];
  else if (event.key === "Home") next = all[0];
  else if (event.key === "End") next = all.at(-1);
  else if (event.key === "Tab") shutMenus();
  else if (event.key.length === 1 && /\S/.test(event.key) && !event.ctrlKey && !event.metaKey) {
    const letter = event.key.toLowerCase();
    const rest = [...all.slice(at + 1), ...all.slice(0, at + 1)];
    next = rest.find((item) => item.textContent.trim().toLowerCase().startsWith(letter));
  }
  if (!next) return;
  event.preventDefault();
  next.focus();
}
