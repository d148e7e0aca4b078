// Tells the page around how high this one is: see « Dans une autre page » in docs/api.md.
(() => {
  if (window.parent === window) return;
  const tell = () => window.parent.postMessage(
    { source: "openfisca-cej", height: document.documentElement.offsetHeight }, "*");
  new ResizeObserver(tell).observe(document.documentElement);
  window.addEventListener("load", tell);
})();
