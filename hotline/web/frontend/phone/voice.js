// A voice note by the browser's own recorder, where there is one: a tap begins, a tap ends, a minute at most.
const LONGEST = 60_000;
const SPEECH = 24_000; // bits a second: words, not music

let recorder = null;

export function can() {
  return typeof MediaRecorder === "function" && Boolean(navigator.mediaDevices?.getUserMedia);
}

// Begin, or end what was begun; done(blob) when it has ended.  Throws where the microphone is refused.
export async function toggle(done) {
  if (recorder) return recorder.stop();
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const parts = [];
  recorder = new MediaRecorder(stream, { audioBitsPerSecond: SPEECH });
  recorder.addEventListener("dataavailable", (event) => event.data.size && parts.push(event.data));
  recorder.addEventListener("stop", () => {
    clearTimeout(limit);
    for (const track of stream.getTracks()) track.stop();
    const type = recorder.mimeType;
    recorder = null;
    done(new Blob(parts, { type }));
  });
  const limit = setTimeout(() => recorder?.stop(), LONGEST);
  recorder.start(1000);
}
