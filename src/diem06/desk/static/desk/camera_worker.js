// Decoding beside the page, so that the page never waits for it.

import ZXingWASM from "../vendor/zxing/reader.js";

const OPTIONS = { formats: ["QRCode"], tryHarder: true, tryInvert: true, maxNumberOfSymbols: 1 };

self.onmessage = async ({ data: asked }) => {
  if (asked.wasmUrl) {
    ZXingWASM.setZXingModuleOverrides({ locateFile: () => asked.wasmUrl });
    return;
  }
  try {
    const found = await ZXingWASM.readBarcodes(new ImageData(asked.data, asked.width, asked.height), OPTIONS);
    self.postMessage(found.length && found[0].isValid !== false ? found[0].text : "");
  } catch {
    self.postMessage("");
  }
};
