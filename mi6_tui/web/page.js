// Whoever opens the page wants to press keys, without a click first.
const focusWhenShown = new MutationObserver(() => {
  if (document.body.classList.contains("-first-byte")) {
    focusWhenShown.disconnect();
    document.querySelector(".xterm-helper-textarea").focus();
  }
});
focusWhenShown.observe(document.body, { attributeFilter: ["class"] });
