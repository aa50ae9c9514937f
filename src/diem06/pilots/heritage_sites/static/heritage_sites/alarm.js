// A tone when an alarm rises, once somebody has asked for it (no browser lets a page sound by itself), and a warning while the server
// does not answer: an old number must not pass for that of now.
const button = document.getElementById("sound");
const alarm = () => Number(document.querySelector("[data-alarm]").dataset.alarm);
let context = null;
let level = alarm();

button.hidden = false;
button.addEventListener("click", () => {
  context = context ? (context.close(), null) : new AudioContext();
  button.setAttribute("aria-pressed", String(context !== null));
  if (context) tone(1);
});

document.body.addEventListener("htmx:afterSettle", () => {
  const now = alarm();
  if (context && now > level) tone(3);
  level = now;
});

for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.body.addEventListener(failure, () => (document.querySelector("[data-stale]").hidden = false));
}

function tone(times) {
  for (let i = 0; i < times; i++) {
    const sound = context.createOscillator();
    const volume = context.createGain();
    const start = context.currentTime + i * 0.4;
    sound.frequency.value = 880;
    volume.gain.setValueAtTime(0.3, start);
    volume.gain.exponentialRampToValueAtTime(0.01, start + 0.3);
    sound.connect(volume).connect(context.destination);
    sound.start(start);
    sound.stop(start + 0.3);
  }
}
