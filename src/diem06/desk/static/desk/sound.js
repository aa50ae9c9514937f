// A sound for each outcome, made here: two notes up, one flat, two low.

const NOTES = { good: [[880, 0.09], [1318, 0.14]], warn: [[660, 0.28]], bad: [[220, 0.16], [165, 0.3]] };
let context = null;

export function play(tone) {
  const Context = window.AudioContext || window.webkitAudioContext;
  if (!Context) return;
  context = context || new Context();
  if (context.state === "suspended") context.resume().catch(() => {});
  let at = context.currentTime;
  for (const [frequency, seconds] of NOTES[tone]) {
    const [source, volume] = [context.createOscillator(), context.createGain()];
    source.frequency.value = frequency;
    source.type = tone === "bad" ? "square" : "sine";
    volume.gain.setValueAtTime(tone === "bad" ? 0.12 : 0.25, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + seconds);
    source.connect(volume).connect(context.destination);
    source.start(at);
    source.stop(at + seconds);
    at += seconds;
  }
}
