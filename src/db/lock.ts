/**
 * Locks a row and reads what goes with it, in one statement while nobody else holds it.
 *
 * What is read together with a lock may be older than what the lock waited for. So the statement does not wait (`SKIP
 * LOCKED`); and since somebody may have come and gone between what it sees and the row that it locks, it also compares the
 * versions of the two (`xmin`). Where they differ, or somebody held the row, everything is read again, the lock held.
 *
 * @param read `settled` says whether the row was free and its versions are the same; null where there was none to lock.
 * @param lock waits for the row and locks it.
 * @returns null when there is no such row.
 */
export async function readLocked<Row extends { settled: boolean }>(
  read: () => Promise<Row | null>,
  lock: () => Promise<unknown>,
): Promise<Row | null> {
  const row = await read();
  if (row?.settled) return row;
  await lock();
  return read();
}
