// A form with data-passkey creates or uses a passkey, and sends the response of the browser.

// Milliseconds until the autofill request gets a new challenge: a challenge expires after five
// minutes (LIFETIME in app/passkeys/challenges.py).
const AUTOFILL_INTERVAL = 4 * 60 * 1000;

const isSupported = "PublicKeyCredential" in window && "parseRequestOptionsFromJSON" in PublicKeyCredential;
let autofill = new AbortController();

class Unreachable extends Error { name = "unreachable"; }

const fetchOptions = async (form) => {
  const response = await fetch(form.dataset.options, { headers: { Accept: "application/json" } })
    .catch(() => { throw new Unreachable(); });
  // The login or its reauthentication has expired: the reloaded page asks for it.
  if (response.status === 401) return location.reload();
  if (!response.ok) throw new Unreachable();
  return response.json();
};

// Create or use a passkey, and send the form with it.
const sendPasskey = async (form, how = {}) => {
  const options = await fetchOptions(form);
  if (!options) return;
  const credential = form.dataset.passkey === "create"
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options), ...how });
  form.elements.credential.value = JSON.stringify(credential);
  // The checkboxes beside the password (remember, trust) apply to passkeys, too.
  document.querySelectorAll("[type=checkbox]:checked").forEach((box) => {
    if (form.elements[box.name]) form.elements[box.name].value = box.value;
  });
  form.submit();
};

// Offer passkeys in the autofill of the email field. Errors are not shown: the user has not
// requested anything yet.
const offerAutofill = async (form) => {
  if (!await PublicKeyCredential.isConditionalMediationAvailable?.()) return;
  autofill.abort();
  autofill = new AbortController();
  sendPasskey(form, { mediation: "conditional", signal: autofill.signal }).catch(() => {});
};

const showMessage = (form, reason) => {
  const messages = JSON.parse(form.dataset.messages);
  form.querySelector("[data-message]").textContent = reason ? messages[reason] ?? messages.other : "";
};

const setUp = (form) => {
  const button = form.querySelector("[type=submit]");
  button.hidden = !isSupported;
  if (!isSupported) return showMessage(form, "unsupported");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.hasAttribute("data-busy") || !form.checkValidity()) return form.reportValidity();
    button.toggleAttribute("data-busy", true);
    showMessage(form, null);
    autofill.abort();
    try {
      await sendPasskey(form);
    } catch (error) {
      showMessage(form, error.name);
      if ("autofill" in form.dataset) offerAutofill(form);
    }
    button.toggleAttribute("data-busy", false);
  });
  if (!("autofill" in form.dataset)) return;
  offerAutofill(form);
  setInterval(offerAutofill, AUTOFILL_INTERVAL, form);
};
document.querySelectorAll("form[data-passkey]").forEach(setUp);
