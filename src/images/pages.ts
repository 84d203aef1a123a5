import { MAX_PIXELS } from './images';

/** Pictures of what `sharp` does not read itself. Loaded only where they are needed: each is a megabyte or more. */

export interface Bitmap {
  /** Red, green, blue and opacity, a byte each. */
  data: Uint8Array;
  /** Pixels. */
  width: number;
  height: number;
}

/** @param size how long the longer side shall be, in pixels. */
export async function firstPage(pdf: Buffer, size: number): Promise<Bitmap> {
  const { PDFiumLibrary } = await import('@hyzyla/pdfium');
  const library = await PDFiumLibrary.init();
  const document = await library.loadDocument(pdf);
  const page = document.getPage(0);
  const { originalWidth, originalHeight } = page.getOriginalSize();
  const { data, width, height } = await page.render({
    scale: size / Math.max(originalWidth, originalHeight, 1),
    render: 'bitmap',
  });
  return { data, width, height };
}

export async function decodeHeif(file: Buffer): Promise<Bitmap> {
  const { default: libheif } = await import('libheif-js/wasm-bundle.js');
  const [picture] = new libheif.HeifDecoder().decode(file);
  if (picture === undefined) throw new Error('There is no picture in it');
  const [width, height] = [picture.get_width(), picture.get_height()];
  if (width * height > MAX_PIXELS) throw new Error('The picture is too large');
  const data = new Uint8ClampedArray(width * height * 4);
  await new Promise<void>((resolve, reject) => {
    picture.display({ data, width, height }, (shown) =>
      shown === null ? reject(new Error('The picture cannot be decoded')) : resolve(),
    );
  });
  return { data: new Uint8Array(data.buffer), width, height };
}
