// «Bruk posisjonen min»: puts the device's place into the two fields beside the button. Nothing is sent from here.
(() => {
  "use strict";
  if (!navigator.geolocation) return;
  const comma = (number) => {
    const text = number.toFixed(5);
    return document.documentElement.lang.startsWith("en") ? text : text.replace(".", ",");
  };
  for (const point of document.querySelectorAll("[data-point]")) {
    const button = point.querySelector("[data-own-place]");
    const status = point.querySelector("[role=status]");
    const [north, east] = point.querySelectorAll("input");
    button.parentElement.hidden = false;
    button.addEventListener("click", () => {
      status.textContent = button.dataset.waiting;
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          north.value = comma(coords.latitude);
          east.value = comma(coords.longitude);
          status.textContent = button.dataset.found;
          east.dispatchEvent(new Event("change", { bubbles: true }));
        },
        () => { status.textContent = button.dataset.failed; },
        { enableHighAccuracy: true, timeout: 15000 },
      );
    });
  }
})();
