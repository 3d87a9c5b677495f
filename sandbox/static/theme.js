// Light or dark, before the first paint: what was chosen, else what the system prefers.
document.documentElement.dataset.theme = localStorage.getItem("theme") || "auto";
