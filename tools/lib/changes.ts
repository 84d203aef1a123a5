import { type FSWatcher, readdirSync, watch } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * Tells each file that changes, comes or goes below a folder, by its path from there. What editors keep beside a file while
 * they write it is passed over. Every folder is watched by itself: of a whole tree, Node.js on Linux
 * watches the files, and loses sight of one that an editor replaces rather than writes to.
 * @returns ends it.
 */
export function onChange(root: string, tell: (file: string) => void): () => void {
  const watchers = new Map<string, FSWatcher>();
  const lookAgain = () => {
    const below = readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name));
    const folders = new Set([root, ...below]);
    for (const [folder, watcher] of watchers) if (!folders.has(folder)) forget(folder, watcher);
    for (const folder of folders) if (!watchers.has(folder)) watchers.set(folder, watchOne(folder));
  };
  const forget = (folder: string, watcher: FSWatcher) => {
    watcher.close();
    watchers.delete(folder);
  };
  const watchOne = (folder: string) => {
    const watcher = watch(folder, (_, name) => {
      if (name === null || !isSource(name)) return lookAgain();
      tell(relative(root, join(folder, name)));
      lookAgain();
    });
    // It has just been removed.
    return watcher.on('error', () => forget(folder, watcher));
  };
  lookAgain();
  return () => {
    for (const [folder, watcher] of watchers) forget(folder, watcher);
  };
}

const isSource = (name: string) => /^[^.#].*\.[a-z]+$/.test(name);
