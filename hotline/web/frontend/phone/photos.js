// A photo made small before it waits on the phone: longest side 1600, at most 500 KB, drawn anew, so that nothing of
// place, device or time stays beside the picture.
const SIDE = 1600;
const MOST = 500_000;

// Returns {blob}; throws where the browser cannot read the file.
export async function shrink(file) {
  const address = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const scale = Math.min(1, SIDE / Math.max(image.naturalWidth, image.naturalHeight));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
    canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    let blob;
    for (const quality of [0.8, 0.65, 0.5, 0.35]) {
      blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
      if (blob && blob.size <= MOST) break;
    }
    if (!blob) throw new Error("empty");
    return { blob };
  } finally {
    URL.revokeObjectURL(address);
  }
}
