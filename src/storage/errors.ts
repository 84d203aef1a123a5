/** No object has this key. */
export class ObjectMissing extends Error {
  override name = 'ObjectMissing';

  constructor(readonly key: string) {
    super(`No object ${key}`);
  }
}

/** The source gave more bytes than allowed; nothing is stored. */
export class ObjectTooLarge extends Error {
  override name = 'ObjectTooLarge';

  constructor(readonly maxBytes: number) {
    super(`More than ${maxBytes} bytes`);
  }
}

/** The store cannot be reached, does not answer in time, or answers that it is in trouble. May pass with time. */
export class StoreUnavailable extends Error {
  override name = 'StoreUnavailable';
}

/** An object is not what was sealed under its key: bytes of it were changed, moved, cut off or exchanged. */
export class SealBroken extends Error {
  override name = 'SealBroken';
}
