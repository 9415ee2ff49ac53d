// The first thing on a page of questions, before anything can be pressed. Until the saving script has taken over, what is
// changed is sent when the page is left; on the open link, where only that script can keep it, the browser asks first.

{
  const CHOICES = ["radio", "checkbox"];
  let isOver = false; // the saving script has taken over, and can keep what is changed
  let isSent = false; // by a button of the form, or by us

  const pageRoot = () => document.getElementById("lagring");
  const pageForm = () => document.getElementById("svar");

  function said(control) {
    if (CHOICES.includes(control.type)) return [control.checked, control.defaultChecked];
    if (control.tagName !== "SELECT") return [control.value, control.defaultValue];
    const first = [...control.options].find((option) => option.defaultSelected) ?? control.options[0];
    return [control.value, first?.value ?? ""];
  }

  function isChanged(control) {
    if (!control.name.startsWith("q-") || control.type === "file" || control.tagName === "BUTTON" || control.disabled) return false;
    const [now, before] = said(control);
    return now !== before;
  }

  function isAtRisk() {
    if (isOver || isSent || !pageRoot() || !pageForm()) return false;
    return "unsaved" in pageRoot().dataset || [...pageForm().elements].some(isChanged);
  }

  async function send() {
    if (!isAtRisk() || "open" in pageRoot().dataset) return;
    isSent = true;
    const { visit, side } = pageRoot().dataset;
    const fields = new URLSearchParams([...new FormData(pageForm())].filter(([, value]) => typeof value === "string"));
    try {
      const answer = await fetch(`${visit}/side/${side}/lagring`, {
        method: "POST", body: fields, keepalive: true, redirect: "error", headers: { Accept: "application/json" },
      });
      if (answer.ok && !isOver) pageForm().elements.rev.value = (await answer.json()).rev; // the page may be looked at again
    } catch {
      isSent = false; // no network: the browser's own copy of the page is all there is
    }
  }

  addEventListener("submit", (event) => { isSent = !event.defaultPrevented; });
  addEventListener("pagehide", send);
  addEventListener("pageshow", () => { isSent = false; });
  addEventListener("beforeunload", (event) => { if (pageRoot() && "open" in pageRoot().dataset && isAtRisk()) event.preventDefault(); });
  document.addEventListener("visibilitychange", () => (document.hidden ? send() : (isSent = false)));
  document.addEventListener("answering:ready", ({ detail }) => { isOver = detail; });
}
