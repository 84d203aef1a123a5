import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { makeEquipement, makeIntervention, makePiece, makeTechnicien } from '../support/factories';

/** What people type to find something, against what was typed when it was written down. */

let api: TestApi;
let admin: Client;
beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
});
afterAll(() => api.close());

async function titles(q: string): Promise<string[]> {
  const { status, body } = await admin.get(`/interventions?limit=200&${new URLSearchParams({ q })}`);
  expect(status).toBe(200);
  return body.map(({ titre }: { titre: string }) => titre).sort();
}

describe('a search', () => {
  const written = [
    'Fuite d’huile sur la presse n°\u00a03',
    'Réglage du convoyeur — 50 % de charge',
    'إصلاح المُضَخّة الرئيسية',
    'Œillet coincé, cœur de pompe',
    'Motor_overheating 100%',
  ];
  beforeAll(async () => {
    for (const titre of written)
      await makeIntervention(api.db, { titre, description: 'Sans autre précision' });
  });

  it.each([
    ['a no-break space for a plain one', 'n° 3', [0]],
    ['a plain space for a no-break one, a narrow one for both', 'presse n°\u202f3', [0]],
    ['words that do not stand side by side, in another order', 'presse fuite', [0]],
    ['accents left out, and put where there are none', 'reglage convôyeur', [1]],
    ['small letters for capitals, ligatures undone', 'OEILLET coeur', [3]],
    ['wide letters', 'ＰＲＥＳＳＥ', [0]],
    ['another form of alef and no vowel marks', 'اصلاح المضخه', [2]],
    ['a tatweel', 'الرئيـــسية', [2]],
    ['a short word where words begin', 'co po', [3]],
    ['a short word inside of words', 'ui', []],
    ['what looks like a wildcard', 'Motor_over', [4]],
    ['a wildcard that would match', 'M_tor', []],
    ['part of a word', 'verheat', [4]],
    ['a word that is in none', 'presse convoyeur', []],
  ])('is found: %s', async (_, q, found) => {
    expect(await titles(q)).toEqual(found.map((index) => written[index]!).sort());
  });

  it.each(['％', '%', '_', '\\', '—', '"', '% _'])(
    'for %j alone finds nothing, rather than everything',
    async (q) => {
      expect(await titles(q)).toEqual([]);
    },
  );

  it('finds people by any part of their name, in any order, and by what they can do', async () => {
    const technicien = await makeTechnicien(
      api.db,
      { specialite: 'Électricité', competences: ['automates', 'variateurs'] },
      { nom: 'Aït-Ben Haddou', prenom: 'Zineb', email: 'z.haddou@exemple.ma' },
    );
    for (const q of [
      'zineb haddou',
      'HADDOU Zineb',
      'variateurs zineb',
      'electricite',
      'z.haddou@exemple.ma',
    ]) {
      const { body } = await admin.get(`/techniciens?${new URLSearchParams({ q })}`);
      expect([q, body.map(({ id }: { id: number }) => id)]).toEqual([q, [technicien.id]]);
    }
    for (const q of ['haddou zineb', 'ait ben']) {
      const { body } = await admin.get(`/users?${new URLSearchParams({ q })}`);
      expect([q, body.map(({ id }: { id: number }) => id)]).toEqual([q, [technicien.user.id]]);
    }
    const skilled = await admin.get('/techniciens?competences=AUTOMATES,Variateurs&specialite=electricite');
    expect(skilled.body.map(({ id }: { id: number }) => id)).toEqual([technicien.id]);
  });

  it('finds parts and equipment by reference and by what they are, together', async () => {
    const piece = await makePiece(api.db, { reference: 'JT-88/4', designation: 'Joint torique Ø 12' });
    const equipement = await makeEquipement(api.db, {
      nom: 'Broyeur à cône',
      localisation: 'Bâtiment Ouest',
    });
    const ids = async (path: string, q: string) =>
      (await admin.get(`${path}?${new URLSearchParams({ q })}`)).body.map(({ id }: { id: number }) => id);
    expect(await ids('/pieces', 'torique jt-88')).toEqual([piece.id]);
    expect(await ids('/equipements', 'ouest broyeur')).toEqual([equipement.id]);
  });

  it('finds what has changed by its new words alone', async () => {
    const piece = await makePiece(api.db, { designation: 'Courroie crantée' });
    await admin.patch(`/pieces/${piece.id}`, { designation: 'Poulie lisse' });
    expect((await admin.get('/pieces?q=crantee')).body).toEqual([]);
    expect((await admin.get('/pieces?q=poulie')).body).toHaveLength(1);
  });
});
