// Passkeys. A form marked data-passkey asks the browser for one, and sends what it answers.

// How long one question waits in the e-mail field before it is asked anew; the server takes answers
// for five minutes (app/passkeys/challenges.py).
const WAITS = 4 * 60 * 1000;

const canUse = "PublicKeyCredential" in window && "parseRequestOptionsFromJSON" in PublicKeyCredential;
let waiting = new AbortController();

class Unreachable extends Error { name = "unreachable"; }

const fetchOptions = async (form) => {
  const answer = await fetch(form.dataset.options, { headers: { Accept: "application/json" } })
    .catch(() => { throw new Unreachable(); });
  // The page itself asks for what is missing by now: a sign-in, or proof.
  if (answer.status === 401) return location.reload();
  if (!answer.ok) throw new Unreachable();
  return answer.json();
};

// Let the person pick a passkey, or make one, and send the form with it.
const ask = async (form, how = {}) => {
  const options = await fetchOptions(form);
  if (!options) return;
  const credential = form.dataset.passkey === "create"
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options), ...how });
  form.elements.credential.value = JSON.stringify(credential);
  // What is ticked beside the password counts here, too.
  document.querySelectorAll("[type=checkbox]:checked").forEach((box) => {
    if (form.elements[box.name]) form.elements[box.name].value = box.value;
  });
  form.submit();
};

// Offer passkeys among what the browser fills into the e-mail field. Refusals are said to nobody:
// nobody has asked for anything yet.
const wait = async (form) => {
  if (!await PublicKeyCredential.isConditionalMediationAvailable?.()) return;
  waiting.abort();
  waiting = new AbortController();
  ask(form, { mediation: "conditional", signal: waiting.signal }).catch(() => {});
};

const say = (form, reason) => {
  const words = JSON.parse(form.dataset.words);
  form.querySelector("[data-says]").textContent = reason ? words[reason] ?? words.other : "";
};

const setUp = (form) => {
  const button = form.querySelector("[type=submit]");
  button.hidden = !canUse;
  if (!canUse) return say(form, "unsupported");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.hasAttribute("data-busy") || !form.checkValidity()) return form.reportValidity();
    button.toggleAttribute("data-busy", true);
    say(form, null);
    waiting.abort();
    try {
      await ask(form);
    } catch (error) {
      say(form, error.name);
      if ("waits" in form.dataset) wait(form);
    }
    button.toggleAttribute("data-busy", false);
  });
  if (!("waits" in form.dataset)) return;
  wait(form);
  setInterval(wait, WAITS, form);
};
document.querySelectorAll("form[data-passkey]").forEach(setUp);
