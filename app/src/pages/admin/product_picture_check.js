// Shows the picture at the address in a product's form, or says that there is none.
(() => {
  const box = document.querySelector("[data-picture-check]");
  const field = document.getElementById(box.dataset.pictureCheck);
  const picture = box.querySelector("img");
  const message = box.querySelector("[role=status]");
  const show = (isLoaded, text) => {
    picture.hidden = !isLoaded;
    message.textContent = text;
  };
  const check = () => {
    const address = field.value.trim();
    // What the server accepts: a URL on the web, or a path on this server.
    if (/^(https?:\/\/[^/]|\/(?![/\\]))/i.test(address)) {
      show(false, box.dataset.checking);
      picture.src = address;
    } else {
      show(false, "");
      picture.removeAttribute("src");
    }
  };
  picture.addEventListener("load", () => show(true, ""));
  picture.addEventListener("error", () => show(false, box.dataset.missing));
  field.addEventListener("change", check);
  check();
})();
