import { crc32, deflateRawSync } from 'node:zlib';

/**
 * A ZIP archive of the given entries, in their order (PKWARE APPNOTE 6.3): a readable one, unless its end is cut off by
 * whoever asked for it.
 */
export function zip(
  entries: Readonly<Record<string, Buffer | string>>,
  { stored = [] as string[] } = {},
): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(entries)) {
    const bytes = Buffer.from(content);
    const isStored = stored.includes(name);
    const data = isStored ? bytes : deflateRawSync(bytes);
    const about = Buffer.alloc(26);
    about.writeUInt16LE(20, 0);
    about.writeUInt16LE(isStored ? 0 : 8, 4);
    about.writeUInt32LE(crc32(bytes), 10);
    about.writeUInt32LE(data.length, 14);
    about.writeUInt32LE(bytes.length, 18);
    about.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), about, Buffer.from(name), data]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), about, rest, Buffer.from(name)]),
    );
    parts.push(local);
    offset += local.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, list, end]);
}

const OOXML = 'application/vnd.openxmlformats-officedocument';

/** A document of Office Open XML, with its list of contents at the far end as some programs put it. */
export function officeDocument(
  part: string,
  kind: string,
  others: Readonly<Record<string, Buffer | string>> = {},
): Buffer {
  const types = `<Types><Override PartName="/${part}" ContentType="${OOXML}.${kind}.main+xml"/></Types>`;
  return zip({ [part]: '<xml/>', ...others, '[Content_Types].xml': types });
}

/** A document of OpenDocument. */
export function openDocument(mime: string): Buffer {
  const entries = { mimetype: mime, 'content.xml': '<xml/>', 'META-INF/manifest.xml': '<xml/>' };
  return zip(entries, { stored: ['mimetype'] });
}
