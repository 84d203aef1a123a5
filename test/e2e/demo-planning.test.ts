import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecrets } from '../../src/auth/secrets';
import { planWeek } from '../../tools/demo/week';
import { createRandom } from '../../tools/lib/random';
import { drawDecor } from '../../tools/seed/decor';
import { fill } from '../../tools/seed/fill';
import { makeUser, PASSWORD } from '../support/factories';
import { startTestSystem, type TestSystem } from '../support/system';

let system: TestSystem;
let saveDir: string;
beforeAll(async () => {
  system = await startTestSystem();
  saveDir = await mkdtemp(join(tmpdir(), 'regie-demo-'));
});
afterAll(async () => {
  await system.close();
  await rm(saveDir, { recursive: true });
});

const SIZE = 40;

it('the invented site is filled once, and its next week is planned, carried out and drawn', async () => {
  const { db, config } = system;
  const admin = await makeUser(db, { role: 'admin' });
  const options = {
    secrets: createSecrets(config.dataKeys),
    motDePasse: admin.mot_de_passe!,
    now: new Date(),
    timeZone: config.timeZone,
    trajets: config.trajets,
  };
  const decor = drawDecor(SIZE, createRandom(SIZE));
  await fill(db, decor, options);
  await expect(fill(db, decor, options)).rejects.toThrow('is there already');

  const counts = await db.query(
    `SELECT count(*) FILTER (WHERE statut = 'planifiee')::integer AS planned, count(*)::integer AS open
     FROM interventions WHERE statut IN ('ouverte', 'planifiee')`,
  );
  expect(counts[0].open).toBe(SIZE);
  expect(counts[0].planned).toBeGreaterThan(5);

  let printed = '';
  const { proposition, picture } = await planWeek({
    url: system.baseUrl,
    email: admin.email,
    password: PASSWORD,
    saveDir,
    now: new Date(),
    print: (text) => {
      printed += `${text}\n`;
    },
  });
  const { bilan, avant, application } = proposition;
  expect(bilan!.affectees).toBeGreaterThan(avant!.affectees);
  expect(printed).toMatch(/visits planned +\d+ +\d+\n/);
  const { appliquee, inchangee, restantes } = application!.lignes as Record<string, number>;
  expect([appliquee! + inchangee!, restantes]).toEqual([bilan!.affectees, 0]);
  expect(await readFile(picture, 'utf8')).toMatch(/^(<\?xml[^>]*>\s*)?<svg /);
});
