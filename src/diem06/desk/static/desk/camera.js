// The camera: frames go to the browser's own detector where it has one, else to a worker with zxing. Only text leaves this file.

const LONGEST_SIDE = 1280;
const PAUSE = 120; // milliseconds between two frames
const SAME = 5000; // a code in view is one read for so long

/** Show the camera in `video` and call `onRead(text)` for each code. Resolves with a function that stops it; rejects where there is none. */
export async function watch(video, { workerUrl, wasmUrl, onRead }) {
  const wanted = { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } };
  const stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
  video.srcObject = stream;
  const detector = await detectorOf(workerUrl, wasmUrl);
  await video.play();
  let isOn = true;
  let seen = { text: "", at: 0 };

  async function next() {
    if (!isOn) return;
    try {
      const text = video.readyState >= 2 ? await detector.detect(video) : "";
      const now = performance.now();
      if (isOn && text) {
        const isNew = text !== seen.text || now - seen.at > SAME;
        seen = { text, at: now };
        if (isNew) onRead(text);
      }
    } catch {
      // A frame that cannot be read: the next one may.
    }
    setTimeout(next, PAUSE);
  }
  next();

  return () => {
    isOn = false;
    detector.end();
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
}

async function detectorOf(workerUrl, wasmUrl) {
  if ("BarcodeDetector" in window) {
    const formats = await window.BarcodeDetector.getSupportedFormats().catch(() => []);
    if (formats.includes("qr_code")) return ownDetector();
  }
  return workerDetector(workerUrl, wasmUrl);
}

function ownDetector() {
  const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
  return {
    detect: async (video) => {
      const found = await detector.detect(video);
      return found.length ? found[0].rawValue : "";
    },
    end: () => {},
  };
}

function workerDetector(workerUrl, wasmUrl) {
  const worker = new Worker(workerUrl, { type: "module" });
  const canvas = document.createElement("canvas");
  const drawing = canvas.getContext("2d", { willReadFrequently: true });
  let answer = () => {};
  worker.onmessage = (event) => answer(event.data);
  worker.onerror = () => answer("");
  worker.postMessage({ wasmUrl });
  return {
    detect: (video) => {
      const scale = Math.min(1, LONGEST_SIDE / Math.max(video.videoWidth, video.videoHeight));
      canvas.width = Math.round(video.videoWidth * scale);
      canvas.height = Math.round(video.videoHeight * scale);
      drawing.drawImage(video, 0, 0, canvas.width, canvas.height);
      const { data, width, height } = drawing.getImageData(0, 0, canvas.width, canvas.height);
      return new Promise((resolve) => {
        answer = resolve;
        worker.postMessage({ data, width, height }, [data.buffer]);
      });
    },
    end: () => worker.terminate(),
  };
}
