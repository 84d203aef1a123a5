import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { playRendezVous, type SemaineDeRendezVous } from '../../tools/demo/rdv';
import { makeUser, PASSWORD } from '../support/factories';
import { type Radicale, startRadicale } from '../support/radicale';
import { startTestSystem, type TestSystem } from '../support/system';

let system: TestSystem;
let radicale: Radicale;
let saveDir: string;
beforeAll(async () => {
  radicale = await startRadicale();
  system = await startTestSystem({
    WEBHOOKS_RESEAUX_PRIVES: 'on',
    WEBHOOKS_CA: radicale.certificate.cert,
    RATE_LIMITS: 'on',
  });
  saveDir = await mkdtemp(join(tmpdir(), 'regie-demo-'));
});
afterAll(async () => {
  await system?.close();
  await radicale?.stop();
  await rm(saveDir, { recursive: true });
});

it('plays a week of a consulting house, twice, with and without a calendar elsewhere', async () => {
  const { email } = await makeUser(system.db, { role: 'admin' });
  const play = async (more: object): Promise<SemaineDeRendezVous & { story: string }> => {
    const lines: string[] = [];
    const told = await playRendezVous({
      ...{ url: system.baseUrl, email, password: PASSWORD, saveDir },
      print: (line) => lines.push(line),
      ...more,
    });
    return { ...told, story: lines.join('\n') };
  };
  const url = await radicale.calendar();
  const { utilisateur, mot_de_passe } = radicale;
  const noter = (nom: string, texte: string) => radicale.put(url, nom, texte);
  const first = await play({
    mailApi: process.env.TEST_MAIL_API,
    agenda: { url, utilisateur, mot_de_passe, noter },
  });
  for (const word of [
    'reçoit CRENEAU_PRIS avec ce qui est libre',
    'il en reste 1,',
    'a rendez-vous avec Karim',
    'la séquence passe de 0 à 1',
    'son lien répond LIEN_INVALIDE',
    'Elle a ouvert le message et confirmé',
    'en attente de « agendas »',
    'Rappel de rendez-vous',
    'minutes réservées sur',
  ])
    expect(first.story).toContain(word);
  expect(first.rendezVous.length).toBeGreaterThan(10);
  for (const file of first.images) expect(await readFile(file, 'utf8')).toContain('<svg');
  for (const page of [first.page, first.gestion.replace(system.config.publicUrl, system.baseUrl)])
    expect((await fetch(page)).status).toBe(200);
  // Nobody who receives has two at once.
  expect(
    await system.db.query(
      `SELECT 1 FROM rendez_vous a JOIN rendez_vous b ON a.id < b.id AND a.seance_id <> b.seance_id
         AND a.intervenants && b.intervenants AND a.debut < b.fin AND b.debut < a.fin
       WHERE a.statut = 'confirme' AND b.statut = 'confirme'`,
    ),
  ).toEqual([]);
  // What anybody may do without an account is limited, also for a story.
  await expect(play({})).rejects.toThrow('RATE_LIMITS=off');
  await system.db.query('DELETE FROM echecs_connexion');
  const second = await play({});
  expect(second.story).toContain('DEMO_AGENDA_URL');
  expect(second.page).not.toBe(first.page);
});
