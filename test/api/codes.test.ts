import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importCodes, MAX_CODES } from '../../src/services/cabinet/codes';
import { lireCodes } from '../../tools/codes/lecture';
import { projectRoot } from '../../tools/lib/paths';
import { startTestApi, type TestApi } from '../support/api';
import { makeCabinet, type TestCabinet } from '../support/cabinets';
import { statementsDuring } from '../support/queries';

/** Codes of the CIM-10: from a file into the system, and found there by doctors. */

let api: TestApi;
let cabinet: TestCabinet;
beforeAll(async () => {
  api = await startTestApi();
  cabinet = await makeCabinet(api, (await api.newPerson('admin')).client);
});
afterAll(() => api.close());

const shipped = () => lireCodes(readFileSync(join(projectRoot, 'tools', 'seed', 'cim10.csv'), 'utf8'));
const find = async (q: string): Promise<string[]> => {
  const { status, body } = await cabinet.people.medecin.client.post('/codes/cim10/recherche', { q });
  expect([q, status]).toEqual([q, 200]);
  return body.map(({ code }: { code: string }) => code);
};
const load = (codes = shipped().codes) => api.db.transaction((tx) => importCodes(tx, codes));

it('reads what is shipped: some two hundred codes, each once, the heading left out', () => {
  const { codes, ecartes } = shipped();
  expect(codes.length).toBeGreaterThan(150);
  expect(ecartes).toBe(1);
  expect(new Set(codes.map(({ libelle }) => libelle)).size).toBe(codes.length);
});

it('reads CSV with any delimiter, and ClaML without its chapters and blocks', () => {
  const expected = [{ code: 'E11.9', libelle: 'Diabète, type 2' }];
  expect(lireCodes('\uFEFFcode;libellé\nE119;"Diabète, type 2"\n').codes).toEqual(expected);
  expect(lireCodes('E11.9\tDiabète, type 2').codes).toEqual(expected);
  const claml = `<?xml version="1.0" encoding="UTF-8"?>
    <ClaML version="2.0.0"><Class code="IV" kind="chapter"><Rubric kind="preferred"><Label>Maladies</Label></Rubric></Class>
    <Class code="E10-E14" kind="block"><Rubric kind="preferred"><Label>Bloc</Label></Rubric></Class>
    <Class code="E11.9" kind="category"><Rubric kind="inclusion"><Label>Autre</Label></Rubric>
      <Rubric kind="preferred"><Label xml:lang="fr">Diabète, <Term>type 2</Term></Label></Rubric></Class></ClaML>`;
  expect(lireCodes(claml)).toEqual({ codes: expected, ecartes: 0 });
  expect(() => lireCodes('<?xml version="1.0"?><ClaML><Class>')).toThrow('unclosed xml tag');
});

it('is safe to be given again, and takes a new label', async () => {
  const { codes } = shipped();
  expect(await load()).toEqual({ ajoutes: codes.length, changes: 0 });
  expect(await load()).toEqual({ ajoutes: 0, changes: 0 });
  const renamed = [{ code: 'J00', libelle: 'Coryza' }];
  expect(await load(renamed)).toEqual({ ajoutes: 0, changes: 1 });
  expect(await find('coryza')).toEqual(['J00']);
  expect(await find('rhume')).toEqual(['J30.1']);
  await load();
});

it('finds by the beginning of a code, by words without accents in any order, in one statement', async () => {
  await load();
  expect(await find('E11')).toEqual(['E11', 'E11.2', 'E11.3', 'E11.4', 'E11.5', 'E11.9']);
  expect(await find('e119')).toEqual(['E11.9']);
  expect(await find('type diabete')).toEqual(expect.arrayContaining(['E10', 'E11']));
  expect(await find('TYPE 2 Diabèt')).toContain('E11');
  expect(await find('hypothyr')).toEqual(['E03.9']);
  expect(await find('oesophag')).toEqual(['K21.0', 'K21.9']);
  expect(await find('E')).toHaveLength(MAX_CODES);
  for (const nothing of ['zzz', '%', "' OR 1=1 --", 'yroïdie']) expect(await find(nothing)).toEqual([]);
  const [many, none] = [await statementsDuring(() => find('J')), await statementsDuring(() => find('zzz'))];
  expect(none.length).toBe(many.length);
});

it('is for doctors, and asks nobody for a code', async () => {
  const { secretaire, remplacant } = cabinet.people;
  const q = { q: 'asthme' };
  expect((await secretaire.client.post('/codes/cim10/recherche', q)).status).toBe(403);
  expect((await remplacant.client.post('/codes/cim10/recherche', q)).body).toEqual([
    { code: 'J45.0', libelle: 'Asthme allergique' },
    { code: 'J45.9', libelle: 'Asthme' },
  ]);
  const [{ total }] = await api.database.owner.query(
    'SELECT count(*)::integer AS total FROM medical.acces_dossier',
  );
  expect(total).toBe(0);
});
