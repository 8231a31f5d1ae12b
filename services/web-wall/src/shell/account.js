// Logging in as an operator. The password is in this page's memory only: nothing is stored, a reload forgets it.

import { set, text } from "./dom.js";

export function account(app, bus, config) {
  const button = document.getElementById("account");
  const dialog = document.getElementById("login");
  const form = document.getElementById("login-form");
  const fault = form.querySelector(".fault");
  form.querySelector(".clear").hidden = window.isSecureContext;
  app.mayLogIn = config.login;
  app.logIn = () => {
    fault.hidden = true;
    if (!form.elements.username.value) form.elements.username.value = "operator";
    dialog.showModal();
    form.elements.password.focus();
  };
  button.addEventListener("click", () => (app.user === null ? app.logIn() : bus.open(config.viewer)));
  form.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    form.elements.password.value = "";
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const credentials = { username: form.elements.username.value, password: form.elements.password.value };
    set(form, "aria-busy", "true");
    try {
      await bus.check(credentials);
      dialog.close();
      bus.open(credentials);
    } catch (refused) {
      text(fault, `Not let in: ${refused.message}.`);
      fault.hidden = false;
      form.elements.password.select();
    } finally {
      set(form, "aria-busy", null);
    }
  });
  return {
    update() {
      button.hidden = !config.login;
      text(button, app.user === null ? "Log in" : `Log out ${app.user}`);
    },
  };
}
