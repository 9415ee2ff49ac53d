// On a shared machine a visit ends when nobody is there: asked first, and gone on with by one press.

/** Watch the time since the server last heard from this visit. `mayEnd` says no while something is unsaved. */
export function watchTime(dialog, { minutes, warned, stay, mayEnd }) {
  const left = () => last + minutes * 60_000 - Date.now();
  const title = document.title;
  let last = Date.now();
  let timer;

  function look() {
    clearTimeout(timer);
    const rest = left();
    if (rest <= 0 && mayEnd()) return end();
    if (rest <= warned * 60_000) ask(rest);
    timer = setTimeout(look, rest <= warned * 60_000 ? 5_000 : rest - warned * 60_000);
  }

  function ask(rest) {
    const seconds = Math.max(0, Math.ceil(rest / 5_000) * 5);
    dialog.querySelector("[data-left]").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (dialog.open) return;
    dialog.showModal(); // keeps the focus inside, and gives it back
    document.title = `${dialog.querySelector("h2").textContent} – ${title}`;
  }

  function heard() {
    last = Date.now();
    document.title = title;
    if (dialog.open) dialog.close();
    look();
  }

  function end() {
    const form = dialog.querySelector("form");
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "left", value: "1" }));
    form.submit();
  }

  dialog.addEventListener("cancel", (event) => { event.preventDefault(); stay(); }); // Escape: still there
  dialog.querySelector("[data-stay]").addEventListener("click", () => stay());
  document.addEventListener("answering:contact", heard);
  document.addEventListener("visibilitychange", () => document.hidden || look());
  look();
}
