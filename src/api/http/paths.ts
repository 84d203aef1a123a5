/**
 * The path without the one slash that may end it (contract §1). Not by a pattern: one that looks for slashes at the end
 * tries each of ten thousand others first.
 */
export function withoutTrailingSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}
