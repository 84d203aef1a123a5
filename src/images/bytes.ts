/** A file that is read piece by piece, wherever it lies. */
export interface Bytes {
  readonly size: number;
  /** What stands there: fewer bytes where the file ends before, none behind its end. */
  read(offset: number, length: number): Promise<Buffer>;
}

/** What stands at `offset` is to be replaced by as many bytes. */
export interface Patch {
  offset: number;
  bytes: Buffer;
}

/** A piece of a file, in bytes. */
export interface Span {
  offset: number;
  length: number;
}

/** The same file as it will be with patches. */
export function patched(file: Bytes, patches: readonly Patch[]): Bytes {
  return {
    size: file.size,
    read: async (offset, length) => {
      const read = Buffer.from(await file.read(offset, length));
      applyPatches(read, offset, patches);
      return read;
    },
  };
}

/** Writes into what was read from `offset` what the patches change of it. */
function applyPatches(read: Buffer, offset: number, patches: readonly Patch[]): void {
  for (const patch of patches) {
    const from = Math.max(patch.offset, offset);
    const to = Math.min(patch.offset + patch.bytes.length, offset + read.length);
    if (from < to) patch.bytes.copy(read, from - offset, from - patch.offset, to - patch.offset);
  }
}

/** Applies patches to a file while it passes. */
export async function* patchStream(
  source: AsyncIterable<Buffer>,
  patches: readonly Patch[],
): AsyncGenerator<Buffer> {
  let offset = 0;
  for await (const chunk of source) {
    const own = Buffer.from(chunk);
    applyPatches(own, offset, patches);
    offset += own.length;
    yield own;
  }
}
