// Enhancements. Every page works without them.

const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

// Move the focus to the error summary of a form.
document.querySelector("[data-error-summary]")?.focus();

// Insert flashes again: screen readers announce only what is inserted after the page has loaded.
each("[role=status][data-flashes]", (region) => {
  const flashes = [...region.children];
  setTimeout(() => region.append(...flashes), 100);
});

// Show and hide a password. Hide it before it is sent, so that browsers do not store it as text.
each("[data-show-password]", (button) => {
  const input = document.getElementById(button.getAttribute("aria-controls"));
  const show = (shown) => {
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  };
  button.hidden = false;
  button.addEventListener("click", () => { show(input.type === "password"); input.focus(); });
  input.form.addEventListener("submit", () => show(false));
});

// Show a hint while Caps Lock is on.
each("[data-caps-lock]", (hint) => {
  const input = document.getElementById(hint.dataset.capsLock);
  const tell = (event) => { hint.hidden = !event.getModifierState?.("CapsLock"); };
  input.addEventListener("keydown", tell);
  input.addEventListener("keyup", tell);
  input.addEventListener("blur", () => { hint.hidden = true; });
});

// Send a form once. The buttons stay enabled, because disabled buttons are not sent.
const setBusy = (form, busy) => {
  form.toggleAttribute("data-busy", busy);
  form.querySelectorAll("[type=submit]").forEach((button) => button.toggleAttribute("data-busy", busy));
};
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.hasAttribute("data-busy")) return event.preventDefault();
  if (event.defaultPrevented) return;
  setBusy(form, true);
  setTimeout(setBusy, 8000, form, false); // the page stays open if the response is a download
});
addEventListener("pageshow", () => each("form[data-busy]", (form) => setBusy(form, false)));

// Copy the children of another element, one per line; and print the page.
each("[data-copy]", (button) => {
  const items = document.getElementById(button.dataset.copy).children;
  button.hidden = !navigator.clipboard; // available only over HTTPS and on localhost
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText([...items].map((item) => item.textContent).join("\n"));
    button.textContent = button.dataset.copied;
  });
});
each("[data-print]", (button) => {
  button.hidden = false;
  button.addEventListener("click", () => print());
});

// Show a notice before the login session expires; staying signed in does not leave the page.
const watchLogin = (notice) => {
  const note = notice.firstElementChild;
  const seconds = Number(notice.dataset.loginEndsIn) - Number(notice.dataset.notice);
  // setTimeout is limited to 24 days, so a longer time would run it at once.
  if (seconds < 86400) setTimeout(() => { note.hidden = false; }, Math.max(0, seconds) * 1000);
  note.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = new FormData(note);
    body.set("next", note.getAttribute("action"));
    const answer = await fetch(note.action, { method: "POST", body }).then((page) => page.text(), () => "");
    const renewed = new DOMParser().parseFromString(answer, "text/html").querySelector("[data-login-ends-in]");
    if (!renewed) return note.submit();
    notice.replaceWith(renewed);
    watchLogin(renewed);
  });
};
each("[data-login-ends-in]", watchLogin);
