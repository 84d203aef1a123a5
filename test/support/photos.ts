import { gunzipSync } from 'node:zlib';
import sharp from 'sharp';

/** Photographs as telephones write them: held upright or not, with maker, date and place. */

/** As EXIF writes it: degrees, minutes, seconds as fractions. */
const LATITUDE = '48/1 51/1 2912/100';
const LONGITUDE = '2/1 17/1 4016/100';
/** The seconds of the two, which stand nowhere else in the file, in both orders of bytes. */
export const POSITION = [2912, 4016].flatMap((value) => [
  Buffer.from(new Uint32Array([value, 100]).buffer),
  Buffer.from(new Uint32Array([value, 100]).buffer).swap32(),
]);

const XMP = `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" exif:GPSLatitude="48,51.4853N" xmp:CreatorTool="Telephone">
 <exif:GPSLongitude>2,17.6693E</exif:GPSLongitude></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`;

/** A red picture, blue in its upper left quarter, 64 by 48 pixels as the file has them. */
export async function photo(
  format: 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif',
  { orientation = 1, xmp = false }: { orientation?: number; xmp?: boolean } = {},
): Promise<Buffer> {
  const blue = await sharp({ create: { width: 32, height: 24, channels: 3, background: '#0000ff' } })
    .png()
    .toBuffer();
  const picture = sharp({ create: { width: 64, height: 48, channels: 3, background: '#ff0000' } })
    .composite([{ input: blue, left: 0, top: 0 }])
    .withExif({
      IFD0: { Make: 'Maker', Orientation: String(orientation) },
      IFD2: { DateTimeOriginal: '2026:11:28 10:11:12' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: LATITUDE, GPSLongitudeRef: 'E', GPSLongitude: LONGITUDE },
    })
    .withMetadata({ orientation });
  return (xmp ? picture.withXmp(XMP) : picture).toFormat(format).toBuffer();
}

/** As an iPhone writes it, with the same position; such files can be read here, not written. */
export const HEIC_PHOTO = Buffer.from(
  [
    'AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAchtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA',
    'ADRpbG9jAAAAAERAAAIAAQAAAAAB7AABAAAAAAAAAHAAAgAAAAACXAABAAAAAAAAANIAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAA',
    'AAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAABB2lwcnAAAADmaXBjbwAAAHZodmNDAQNwAAAA',
    'kAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq',
    '5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xh',
    'cAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkAAAAAAwgICAAAAAlpcm90AwAAABlpcG1hAAAAAAAAAAEA',
    'AQaBAgMFhIYAAAAaaXJlZgAAAAAAAAAOY2RzYwACAAEAAQAAAUptZGF0AAAAbCgBrxOAeVqzI4oC//GVFfujq87MSAlBfuRucG/v',
    'dM0WVB04RvXtlaKSMH13b75AlAVU2S3eILLBqlKjia7Zs3Xkba0abamf7GrWLqfDftk/+ZoXb5u04epwfv9+8FBQUIEoPbXZqkkR',
    'DzjTgAAAAAZFeGlmAABNTQAqAAAACAAEAQ8AAgAAAAYAAAA+ARIAAwAAAAEABgAAh2kABAAAAAEAAABEiCUABAAAAAEAAABmAAAA',
    'AE1ha2VyAAABkAMAAgAAABQAAABSMjAyNjoxMToyOCAxMDoxMToxMgAABAABAAIAAAACTgAAAAACAAUAAAADAAAAmAADAAIAAAAC',
    'RQAAAAAEAAUAAAADAAAAsAAAADAAAAABAAAAMwAAAAEAAAtgAAAAZAAAAAIAAAABAAAAEQAAAAEAAA+wAAAAZA==',
  ].join(''),
  'base64',
);

/** One that is held as 6 says, with the same position; the library of the tests writes none into such files. */
export const TIFF_PHOTO = gunzipSync(
  Buffer.from(
    [
      'H4sIAAAAAAACA+2PMW7CQBBFZ3cBURERhSCkyKIgDZXtSAhRpaFwAXegoIjouASUnCZVKioOkCJHSJFDZNY7hXuXPPt9z9/Z3dF3',
      'Vc2lLyIDEdcRp+5d5cznKu+CBK2fqqA+9qN65r3qwXnpaf1SDe3uVj+PdibujczHWc+N+WPzMhN5acz/OKX+VfV6Tv5X0tOv383u',
      'sD9qP1y8PGn323bLvFysimJVLqdFHk1RSrzv66zbOnO3zpG5mCf116qO9RcuTcoty5vVHz04sX+O66HVv5D6WXZrw63l/daQn/zk',
      'Jz/5yU9+8t9bfgAAAAAAAAAAAAAAAIAm/65AD9tOJQAA',
    ].join(''),
    'base64',
  ),
);
