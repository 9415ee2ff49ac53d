// Buttons that leave a page: only when the server answers, once however often they are pressed, and with nothing lost.

/**
 * Hold each submit of the form until `ready` says that the page may be left; null: not yet, there is something to
 * see; false: `blocked` tells why not.
 * `left` is told just before the browser goes.
 */
export function guardLeaving(form, { ready, blocked, left }) {
  let going = false;
  let asking = false;
  form.addEventListener("submit", async (event) => {
    if (event.defaultPrevented) return;
    if (going) {
      if (asking) asking = false; // this is our own submit
      else event.preventDefault(); // pressed twice
      return;
    }
    event.preventDefault();
    if (asking) return;
    asking = true;
    await new Promise((then) => setTimeout(then)); // a form submits nothing while it is telling of a submit
    const may = await ready();
    if (may) {
      await left();
      going = true;
      form.requestSubmit(event.submitter);
    } else {
      asking = false;
      if (may === false) blocked();
    }
  });
  addEventListener("pageshow", () => { going = asking = false; }); // back again by the browser's own button
}
