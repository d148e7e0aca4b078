// Two buttons that need a script; without one the page does the same by its links and menus.
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
    add("Copier le lien", () =>
      navigator.clipboard.writeText(link).then(
        () => { told.textContent = "Lien copié."; },
        () => { told.textContent = "Le navigateur a refusé : copiez l'adresse du lien."; },
      ));
  }
  add("Imprimer", () => window.print());
})();
