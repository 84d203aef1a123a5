import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { playCabinet } from '../../tools/demo/cabinet';
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

it('plays a day of a practice, and prints who could see what', async () => {
  const { email } = await makeUser(system.db, { role: 'admin' });
  const lines: string[] = [];
  const { regards, copie } = await playCabinet({
    ...{ url: system.baseUrl, email, password: PASSWORD, saveDir },
    print: (line) => lines.push(line),
  });
  const story = lines.join('\n');
  for (const word of [
    'la propose en premier',
    'pour une autre c’est pris : CRENEAU_PRIS',
    'Ilham ouvre la journée : 4 rendez-vous, qui vient et quand, jamais pourquoi',
    '1 ligne, « 4 patients montrés »',
    'Omar annule depuis son compte : « annule »',
    'Elle dit oui : « acceptee »',
    'le redire est refusé : ALLERGIE_CONNUE',
    'bouge seul : « rendez_vous_cabinet.arrive »',
    '« en_consultation » (Ilham ne le peut pas : INTERDIT)',
    'lu d’un coup : « allergie: pénicilline »',
    'son rendez-vous est « honore »',
    'Ilham lit « Benali Samira », et rien du résultat',
    'Ilham l’ouvre ? INTERDIT',
    'critique, à voir dans les quatre heures',
    '« vu », avec ce qu’elle décide : « a_convoquer »',
    'fut reçu : « honore ». Zineb n’est pas venue : « absent »',
    'Reste à qualifier : 0',
    'qui a ouvert son dossier : Ghali, Hajar, Ilham, Nadia, Rachid',
    'bien que non partagé : Ghali',
    'et au plus tard le',
    'rien de ce nom : 404',
    'pas même par elle : SIGNEE',
    '« amoxicilline » : ALLERGIE_CONNUE',
    'Ilham la remet au comptoir',
    '1 MedicationRequest',
    'ne peut plus : DOSSIER_NON_PARTAGE',
    's’ouvre à lui seul (200)',
    'Il le referme : DOSSIER_NON_PARTAGE',
    '1 Composition',
    'ne peut pas les ouvrir : INTERDIT',
    'reviennent telles quelles (200)',
    '2 AllergyIntolerance',
    'la redemander : TRANSITION_INVALIDE',
  ]) {
    expect(story).toContain(word);
  }
  const everybody = (given: object) => ({
    ...{ Nadia: 200, Rachid: 403, Ghali: 403, Ilham: 403, Hajar: 403, Wafae: 404, admin: 403 },
    ...given,
  });
  const all = { Rachid: 200, Ghali: 200, Ilham: 200, Hajar: 200 };
  expect(Object.fromEntries(regards.map(({ question, reponses }) => [question, reponses]))).toEqual({
    'son identité': everybody(all),
    'ses couvertures': everybody(all),
    'ses allergies': everybody({}),
    'ses diagnostics': everybody({}),
    'ses constantes': everybody({}),
    'son résultat': everybody({}),
    'son rendez-vous': everybody(all),
    'qui a lu': everybody({ Rachid: 200, Ghali: 200, Hajar: 200 }),
  });
  expect((await stat(copie)).mode & 0o077).toBe(0);
  expect(JSON.parse(await readFile(copie, 'utf8')).type).toBe('collection');
});
