// Mends what Streamlit's markup and keys lack for who listens to a page or has no mouse.

const NOTICED_MS = 150; // how soon a page shows that a script runs, and has its buttons' keys again
const AT_ONCE = ["KeyS", "KeyA"]; // Stop must not wait for what it stops; a replay asks no server
const pressedAgain = new WeakSet();
const held = [];
let isBusy = false;

if (!window.loopscopeMends) {
  window.loopscopeMends = new MutationObserver(mend);
  window.loopscopeMends.observe(document.body, { childList: true, subtree: true });
  window.addEventListener("keydown", takeTurns, true);
  window.addEventListener("keydown", scroll);
  window.addEventListener("pointerdown", closeMenu, true);
  window.addEventListener("keydown", closeMenu, true);
  mend();
}

// The navigation's list has sections between itself and its items, so it is no list to a reader.
// Code and transcripts may be wider than their place: who has no mouse must reach them to scroll.
function mend() {
  document
    .querySelectorAll("[data-testid=stSidebarNavItems], [data-testid=stSidebarNavItems] li")
    .forEach((each) => each.getAttribute("role") || each.setAttribute("role", "presentation"));
  // The words of a chart are more than fit on a screen, too.
  document
    .querySelectorAll("pre:not([tabindex]), [data-testid=stPopoverBody]:not([tabindex])")
    .forEach((each) => (each.tabIndex = 0));
}

function isAlone(event) {
  return !event.ctrlKey && !event.metaKey && !event.altKey;
}

// A rerun tells the server where every slider stands in the browser. A key that is pressed before
// the browser has heard what the key before did would do the same once more, or undo it: so each
// waits until the script for the one before has ended.
// Streamlit's shortcuts rest while an input has the focus. A slider has no use for letters, though,
// and who has moved one with the arrow keys wants to go on with a key.
function takeTurns(event) {
  const isSlider = event.target.matches?.("input[type=range]");
  const isTyping = !isSlider && event.target.closest?.("input, textarea, [contenteditable=true]");
  const isLetter = isAlone(event) && /^Key[A-Z]$/.test(event.code);
  if (!isLetter || isTyping || pressedAgain.has(event)) return;
  const waits = !AT_ONCE.includes(event.code) && (isBusy || isRunning());
  if (!waits && !isSlider) {
    if (!AT_ONCE.includes(event.code)) rest();
    return;
  }
  event.stopImmediatePropagation();
  event.preventDefault();
  if (waits) {
    held.push(event);
    if (!isBusy) rest();
  } else {
    pressAgain(event);
    if (!AT_ONCE.includes(event.code)) rest();
  }
}

function isRunning() {
  return document.querySelector("[data-test-script-state=running]") !== null;
}

function pressAgain({ key, code }) {
  const event = new KeyboardEvent("keydown", { key, code, bubbles: true });
  pressedAgain.add(event);
  document.body.dispatchEvent(event);
}

// Twice calm: what a script sent last is drawn a moment after its end.
function rest(calm = 0) {
  isBusy = true;
  setTimeout(() => {
    if (isRunning()) {
      rest();
    } else if (calm < 1) {
      rest(calm + 1);
    } else if (held.length) {
      pressAgain(held.shift());
      rest();
    } else {
      isBusy = false;
    }
  }, NOTICED_MS);
}

// As a popover closes: by Escape, or a press anywhere else.
function closeMenu(event) {
  const menu = document.querySelector(".st-key-menu > .stExpander > details[open]");
  if (!menu || (event.type === "keydown" && event.key !== "Escape")) return;
  const isElsewhere = !menu.contains(event.target) && event.target.closest?.("[data-testid=stApp]");
  if (event.key === "Escape" || isElsewhere) menu.querySelector("summary").click();
}

// A page scrolls inside of the body: a browser scrolls it by keys only if something in it has the
// focus, which at first nothing has. Nor does it scroll the page for who has just come by a link of
// the navigation.
function scroll(event) {
  const main = document.querySelector("[data-testid=stMain]");
  const isInNavigation = event.target.closest?.("[data-testid=stSidebar]") && event.key !== " ";
  const isNowhere = event.target === document.body || isInNavigation;
  if (event.defaultPrevented || !main || !isAlone(event) || !isNowhere) return;
  const page = 0.9 * main.clientHeight;
  const steps = {
    PageDown: page, PageUp: -page, " ": event.shiftKey ? -page : page,
    ArrowDown: 60, ArrowUp: -60, Home: -main.scrollHeight, End: main.scrollHeight,
  };
  if (!(event.key in steps)) return;
  event.preventDefault();
  main.scrollBy({ top: steps[event.key], behavior: "instant" });
}
