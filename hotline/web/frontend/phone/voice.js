// A voice note by the browser's own recorder, where there is one: a tap begins, a tap ends, a minute at most.  It ends
// too, and is kept, when the page is hidden or left, when a call takes the microphone, when the form is sent.
const LONGEST = 60_000;
const SPEECH = 24_000; // bits a second: words, not music

let now = null; // {recorder, ended}

addEventListener("pagehide", end);
document.addEventListener("visibilitychange", () => document.hidden && end());
document.addEventListener("leave", end);

export function can() {
  return typeof MediaRecorder === "function" && Boolean(navigator.mediaDevices?.getUserMedia);
}

export function running() {
  return Boolean(now);
}

// Begin.  kept(blob) every second, with all there is so far; done(blob) at the end.  Throws where the microphone is refused.
export async function begin(kept, done) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const parts = [];
  const recorder = new MediaRecorder(stream, { audioBitsPerSecond: SPEECH });
  const whole = () => new Blob(parts, { type: recorder.mimeType });
  const limit = setTimeout(end, LONGEST);
  let last = Promise.resolve();
  recorder.addEventListener("dataavailable", ({ data }) => {
    if (data.size)
      last = last.then(
        () => kept(whole()),
        () => undefined,
      );
    if (data.size) parts.push(data);
  });
  const ended = new Promise((tell) => {
    recorder.addEventListener("stop", () => {
      clearTimeout(limit);
      for (const track of stream.getTracks()) track.stop();
      now = null;
      last
        .catch(() => undefined)
        .then(() => done(whole()))
        .then(tell, tell);
    });
  });
  for (const track of stream.getTracks()) for (const name of ["ended", "mute"]) track.addEventListener(name, end);
  now = { recorder, ended };
  recorder.start(1000);
}

// End what was begun; resolves once it is kept.
export function end() {
  const { recorder, ended } = now ?? {};
  if (recorder && recorder.state !== "inactive") recorder.stop();
  return ended ?? Promise.resolve();
}
