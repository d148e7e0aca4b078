// What needs a script; without one the page does the same by its links, menus and groups.

// A field that keeps, of the list of resources, those that have the words.
(() => {
  const list = document.querySelector("[data-resources]");
  if (!list) return;
  const fold = (text) =>
    text.replace(/œ/g, "oe").normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const every = [...list.querySelectorAll("[data-words]")].map((one) =>
    [one, fold(`${one.dataset.words} ${one.textContent}`)]);
  const box = document.createElement("p");
  const label = document.createElement("label");
  label.textContent = "Chercher une ressource ";
  const field = document.createElement("input");
  const told = document.createElement("span");
  told.setAttribute("role", "status");
  label.append(field);
  box.append(label, told);
  list.before(box);
  field.addEventListener("input", () => {
    const words = fold(field.value).split(/[^a-z0-9]+/)
      .filter((word) => word && !/^(a|aux?|des?|du|en|et|las?|les?|l|d|ou|par|pour|une?)$/.test(word))
      .map((word) => word.length > 3 ? word.replace(/[sx]$/, "") : word);
    let count = 0;
    for (const [one, text] of every) {
      one.hidden = !words.every((word) => text.includes(word));
      count += !one.hidden;
    }
    for (const group of list.children) group.hidden = !group.querySelector("[data-words]:not([hidden])");
    told.textContent = count
      ? ` ${count} ressource${count > 1 ? "s" : ""}`
      : " Aucune ici. Le salaire se donne plus haut ; ce qui ne paie pas un travail, ni n'en tient lieu, ne réduit pas l'allocation.";
  });
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
})();

// On paper, what is assumed is open.
window.addEventListener("beforeprint", () => {
  for (const one of document.querySelectorAll("[data-print]")) one.open = true;
});

// Buttons.
(() => {
  const list = document.querySelector("[data-actions]");
  if (!list) return;
  const add = (label, action) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", () => action(button));
    item.append(button);
    list.append(item);
  };
  if (navigator.clipboard) {
    const told = document.createElement("p");
    told.setAttribute("role", "status");
    list.after(told);
    const link = list.querySelector("a").href;
    const kept = document.querySelector("#resume");
    // The link may lack the name of the site.
    const lines = kept.textContent.split("\n");
    kept.textContent = [...lines.slice(0, -1), link].join("\n");
    const copy = (label, text, done) => add(label, () =>
      navigator.clipboard.writeText(text).then(
        () => { told.textContent = done; },
        () => { told.textContent = "Le navigateur a refusé : copiez le texte à la main."; },
      ));
    copy("Copier le lien", link, "Lien copié.");
    copy("Copier le résumé", kept.textContent, "Résumé copié.");
  }
  add("Imprimer", () => window.print());
})();
