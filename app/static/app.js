// Small comforts. Every page works without them.

const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

// A form that came back with errors: go to the summary.
document.querySelector("[data-error-summary]")?.focus();

// Flashes are in the page from the start; put in again, they are announced.
each("[role=status][data-flashes]", (region) => {
  const flashes = [...region.children];
  setTimeout(() => region.append(...flashes), 100);
});

// Show and hide a password. Hidden again before it is sent, so that no browser keeps it as plain text.
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

// Say when caps lock is on.
each("[data-caps-lock]", (hint) => {
  const input = document.getElementById(hint.dataset.capsLock);
  const tell = (event) => { hint.hidden = !event.getModifierState?.("CapsLock"); };
  input.addEventListener("keydown", tell);
  input.addEventListener("keyup", tell);
  input.addEventListener("blur", () => { hint.hidden = true; });
});

// Send a form once. The buttons stay enabled, so that the pressed one is still part of what is sent.
const setBusy = (form, busy) => {
  form.toggleAttribute("data-busy", busy);
  form.querySelectorAll("[type=submit]").forEach((button) => button.toggleAttribute("data-busy", busy));
};
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.hasAttribute("data-busy")) return event.preventDefault();
  if (event.defaultPrevented) return;
  setBusy(form, true);
  setTimeout(setBusy, 8000, form, false); // the answer may be a download, and the page stays
});
addEventListener("pageshow", () => each("form[data-busy]", (form) => setBusy(form, false)));

// Say so shortly before the login ends, and stay signed in without leaving the page.
each("[data-login-ends-in]", (notice) => {
  const form = notice.querySelector("form");
  let timer;
  const wait = (seconds) => {
    clearTimeout(timer);
    timer = setTimeout(() => { form.hidden = false; }, Math.max(0, seconds) * 1000);
  };
  const [endsIn, early] = [Number(notice.dataset.loginEndsIn), Number(notice.dataset.notice)];
  if (endsIn < 86400) wait(endsIn - early);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
    if (answer.type !== "opaqueredirect") return form.submit();
    form.hidden = true;
    wait(endsIn - early);
  });
});
