import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { playStory, type Story } from '../../tools/demo/story';
import { makeUser, PASSWORD } from '../support/factories';
import { startTestSystem, type TestSystem } from '../support/system';

let system: TestSystem;
let saveDir: string;
let first: Story;
let second: Story;
let transcript = '';

beforeAll(async () => {
  system = await startTestSystem();
  saveDir = await mkdtemp(join(tmpdir(), 'regie-demo-'));
  const admin = await makeUser(system.db, { role: 'admin' });
  const play = () =>
    playStory({
      url: system.baseUrl,
      email: admin.email,
      password: PASSWORD,
      saveDir,
      print: (text) => {
        transcript += `${text}\n`;
      },
    });
  first = await play();
  second = await play();
});
afterAll(async () => {
  await system.close();
  await rm(saveDir, { recursive: true });
});

// biome-ignore lint/suspicious/noExplicitAny: the tests look into bodies of every shape
function answerTo(method: string, path: string, story = first): any {
  const found = story.exchanges.find(
    (exchange) => exchange.method === method && exchange.path.startsWith(path),
  );
  expect(found).toBeDefined();
  return found!.body;
}

const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
const id = expect.any(Number);

describe('the demonstration answers what seed 004 §4 promises', () => {
  it('POST /auth/login and /auth/refresh', () => {
    expect(answerTo('POST', '/auth/login')).toMatchObject({
      access_token: expect.stringMatching(/^eyJ/),
      refresh_token: expect.stringMatching(/^rt_/),
      token_type: 'bearer',
      expires_in: 900,
      user: { id, email: expect.any(String), role: 'admin', nom: expect.any(String), prenom: 'Prénom' },
    });
    expect(answerTo('POST', '/auth/refresh')).toMatchObject({
      access_token: expect.stringMatching(/^eyJ/),
      refresh_token: expect.stringMatching(/^rt_/),
      expires_in: 900,
    });
  });

  it('POST /users/, then GET /users/?role=technicien', () => {
    const person = { nom: 'Nouveau', prenom: 'User', role: 'technicien', is_active: true };
    expect(answerTo('POST', '/users/')).toMatchObject({
      id,
      email: 'nouveau@example.com',
      ...person,
      date_creation: instant,
    });
    expect(answerTo('GET', '/users/?role=technicien', second)).toContainEqual(
      expect.objectContaining({
        ...person,
        email: 'nouveau@example.com',
        technicien: expect.objectContaining({
          specialite: 'Hydraulique',
          competences: ['hydraulique', 'pneumatique'],
          niveau_experience: 'senior',
        }),
      }),
    );
  });

  it('GET /equipements/?localisation=Atelier A', () => {
    const [equipement] = answerTo('GET', '/equipements/?localisation=');
    expect(equipement).toMatchObject({
      id,
      nom: 'Presse hydraulique PH-001',
      type: 'Presse',
      modele: 'HPX-2000',
      numero_serie: 'PH001-2023-001',
      localisation: 'Atelier A',
      statut: 'operationnel',
      date_installation: '2023-03-15T00:00:00.000Z',
      frequence_entretien: '30',
      derniere_maintenance: instant,
      prochaine_maintenance: instant,
      interventions_count: 0,
    });
    const days = Date.parse(equipement.prochaine_maintenance) - Date.parse(equipement.derniere_maintenance);
    expect(days / 86_400_000).toBeCloseTo(30, 0);
  });

  it('POST /interventions/', () => {
    expect(answerTo('POST', '/interventions/')).toMatchObject({
      id: first.interventionId,
      titre: 'Réparation fuite hydraulique',
      description: 'Fuite détectée au niveau du circuit principal',
      type_intervention: 'corrective',
      statut: 'ouverte',
      priorite: 'haute',
      urgence: true,
      date_creation: instant,
      date_limite: expect.stringMatching(/T16:00:00/),
      equipement_id: id,
      createur_id: answerTo('POST', '/auth/login').user.id,
      equipement: { nom: 'Presse hydraulique PH-001', localisation: 'Atelier A' },
    });
  });

  it('PUT /interventions/{id}/assign and GET /planning/technicien/{id}', () => {
    const technicienId = answerTo('POST', '/techniciens/').id;
    const visit = { date_planifiee: expect.stringMatching(/T09:00:00/), duree_estimee: 240 };
    expect(answerTo('PUT', `/interventions/${first.interventionId}/assign`)).toMatchObject({
      id: first.interventionId,
      statut: 'planifiee',
      technicien_id: technicienId,
      technicien: { nom: 'Nouveau', prenom: 'User', specialite: 'Hydraulique' },
      planning: visit,
    });
    expect(answerTo('GET', `/planning/technicien/${technicienId}`)).toEqual([
      expect.objectContaining({
        id,
        intervention_id: first.interventionId,
        ...visit,
        statut: 'planifiee',
        intervention: expect.objectContaining({
          titre: 'Réparation fuite hydraulique',
          priorite: 'haute',
          equipement: { nom: 'Presse hydraulique PH-001', localisation: 'Atelier A' },
        }),
      }),
    ]);
  });

  it('POST /documents/upload', () => {
    expect(answerTo('POST', '/documents/upload')).toMatchObject({
      id,
      nom: `rapport_intervention_${first.interventionId}.pdf`,
      type_document: 'rapport_intervention',
      taille: expect.any(Number),
      mime_type: 'application/pdf',
      is_encrypted: expect.any(Boolean),
      intervention_id: first.interventionId,
      date_upload: instant,
    });
  });

  it('GET /notifications/?lue=false', () => {
    expect(answerTo('GET', '/notifications/')).toContainEqual(
      expect.objectContaining({
        id,
        titre: 'Nouvelle intervention assignée',
        message: "L'intervention 'Réparation fuite hydraulique' vous a été assignée",
        type: 'info',
        lue: false,
        date_creation: instant,
        metadata: expect.objectContaining({ intervention_id: first.interventionId, priorite: 'haute' }),
      }),
    );
  });

  it('GET /dashboard/stats', () => {
    const count = expect.any(Number);
    expect(answerTo('GET', '/dashboard/stats', second)).toMatchObject({
      interventions: { total: 2, ouvertes: count, en_cours: 0, terminees_semaine: 1, critiques: 0 },
      equipements: { total: 2, operationnels: 2, en_panne: 0, maintenance_due: count },
      techniciens: { total: 2, disponibles: count, en_intervention: count, charge_moyenne: count },
      kpi: {
        temps_moyen_resolution: expect.stringMatching(/heures?$/),
        taux_respect_delais: 100,
        satisfaction_client: 5,
      },
    });
  });
});

describe('the demonstration', () => {
  it('drives the intervention to its end', () => {
    const states = first.exchanges
      .filter(({ path }) => /statut$|pieces\/recues$/.test(path))
      .map(({ body }) => (body as { statut: string }).statut);
    expect(states).toEqual(['en_cours', 'attente_pieces', 'en_cours', 'terminee']);
  });

  it('saves the report and says where to look', async () => {
    expect((await readFile(first.rapportFile)).subarray(0, 5).toString()).toBe('%PDF-');
    expect(first.webUi).toContain(`/workflows/intervention-${first.interventionId}`);
    for (const place of [first.rapportFile, first.webUi, `${system.baseUrl}/docs`]) {
      expect(transcript).toContain(place);
    }
  });

  it('runs again on the same system', () => {
    expect(second.interventionId).not.toBe(first.interventionId);
    expect(answerTo('POST', '/users/', second).email).toMatch(/^nouveau-.+@example\.com$/);
  });

  it('shows no secret', () => {
    expect(transcript).not.toContain(PASSWORD);
    expect(transcript).not.toMatch(/rt_[\w-]{20,}|eyJ[\w-]{20,}/);
  });

  it('ends at an answer that is not a success', async () => {
    const wrong = playStory({
      url: system.baseUrl,
      email: 'nobody@example.com',
      password: PASSWORD,
      saveDir,
      print: () => {},
    });
    await expect(wrong).rejects.toThrow('POST /api/v1/auth/login was answered 401');
  });

  it('says how to start a system when none runs', async () => {
    const nowhere = playStory({
      url: 'http://127.0.0.1:1',
      email: 'nobody@example.com',
      password: PASSWORD,
      saveDir,
      print: () => {},
    });
    await expect(nowhere).rejects.toThrow('npm start');
  });
});
