const { createHash } = require('node:crypto');
const { existsSync, readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..', '..');
const dist = join(root, 'dist');

/** The workflows' code made ready for their sandbox by the build. */
const BUNDLE = join(dist, 'workflow-bundle.js');
/** Of which sources it was made. */
const RECORD = join(dist, 'workflow-bundle.sha256');

/** What the bundle is made of and how, as a digest; packages count by the lock file. */
function fingerprint() {
  const digest = createHash('sha256');
  for (const file of ['package-lock.json', join('src', 'worker', 'bundle.ts')])
    digest.update(readFileSync(join(root, file)));
  for (const folder of ['workflows', 'domain'].map((name) => join(root, 'src', name)))
    for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort())
      digest.update(readFileSync(file));
  return digest.digest('hex');
}

/** Whether the bundle that is there is that of the sources as they are. */
function isCurrent() {
  return existsSync(BUNDLE) && existsSync(RECORD) && readFileSync(RECORD, 'utf8') === fingerprint();
}

module.exports = { BUNDLE, RECORD, fingerprint, isCurrent };
