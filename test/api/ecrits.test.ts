import { createHash, randomUUID } from 'node:crypto';
import { TOTP } from 'otpauth';
import { verifyEcrits } from '../../src/services/cabinet/ecrits-verification';
import { readPdf } from '../pdf/pdf';
import { startTestApi, type TestApi } from '../support/api';
import { addMembre, makeCabinet, makePatient, type Personne, type TestCabinet } from '../support/cabinets';
import type { Client, Reply } from '../support/client';
import { certificat, ECRITS, LIGNE, makePrescripteur, makeSigned, ordonnance, sign } from '../support/ecrits';
import { PASSWORD } from '../support/factories';

let api: TestApi;
let cabinet: TestCabinet;
let doctor: Client;
let colleague: Personne;
let desk: Client;
let patient: number;
let now = Date.now();
beforeAll(async () => {
  api = await startTestApi();
  api.app.clock = () => new Date(now);
  cabinet = await makeCabinet(api, (await api.newPerson('admin')).client);
  doctor = (await makePrescripteur(cabinet)).client;
  colleague = await addMembre(api, cabinet.people.gerant.client, cabinet.id, 'medecin');
  desk = cabinet.people.secretaire.client;
});
// Passwords that somebody shows are counted: a quarter of a minute is enough for those of a test.
beforeEach(async () => {
  now += 15_000;
  patient = (await makePatient(doctor)).id;
});
afterAll(() => api.close());

const champs = ({ body }: Reply) => body.erreurs?.map(({ champ }: { champ: string }) => champ);
const outcome = ({ status, body }: Reply) => [status, body.code];
const allergie = async (substance: string) =>
  (await doctor.post(`/patients/${patient}/allergies`, { substance, categorie: 'medicament' })).body;
const textOf = (bytes: Buffer) =>
  readPdf(bytes)
    .pages.flatMap(({ lines }) => lines)
    .join('\n');
const digestOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const SEGMENTS = ['ordonnances', 'certificats'] as const;

describe.each(SEGMENTS)('/%s', (segment) => {
  const body = (given: object = {}) => ECRITS[segment](patient, given);

  it('are drafts of their author, changed by the version that they name, and lists say nothing of what they say', async () => {
    const made = await doctor.post(`/${segment}`, body());
    expect(made.status).toBe(201);
    const { id } = made.body;
    expect(made.body).toMatchObject({
      ...body(),
      statut: 'brouillon',
      version: 1,
      date_signature: null,
      empreinte: null,
    });
    const change =
      segment === 'ordonnances' ? { remarques: 'Revenir' } : { texte: 'Un repos de deux jours.' };
    expect(champs(await doctor.patch(`/${segment}/${id}`, change))).toEqual(['If-Match']);
    const changed = await doctor.patch(`/${segment}/${id}`, change, { 'If-Match': '"1"' });
    expect([changed.status, changed.body.version]).toEqual([200, 2]);
    expect(changed.body).toMatchObject({ ...body(), ...change });
    expect(outcome(await doctor.patch(`/${segment}/${id}`, change, { 'If-Match': '"1"' }))).toEqual([
      412,
      'VERSION_PERIMEE',
    ]);
    expect((await doctor.get(`/${segment}/${id}`)).body).toEqual(changed.body);
    const listed = (await doctor.get(`/${segment}?patient_id=${patient}`)).body;
    expect(listed).toEqual([expect.objectContaining({ id, patient_id: patient, statut: 'brouillon' })]);
    expect(Object.keys(listed[0])).not.toEqual(expect.arrayContaining(['lignes', 'texte', 'contenu']));
    // Nobody else's yet.
    expect((await colleague.client.get(`/${segment}/${id}`)).status).toBe(404);
    expect((await colleague.client.get(`/${segment}?patient_id=${patient}`)).body).toEqual([]);
    expect((await doctor.get(`/${segment}/${id}/pdf`)).status).toBe(404);
  });

  it('are signed once: the document is the same ever after, and nothing changes any more', async () => {
    const draft = (await doctor.post(`/${segment}`, body({ copie_arabe: true, texte_ar: undefined }))).body;
    const { id } = draft;
    if (segment === 'certificats') {
      await doctor.patch(`/${segment}/${id}`, { texte_ar: 'تحتاج المريضة إلى راحة' }, { 'If-Match': '"1"' });
    }
    const signed = await sign(doctor, segment, id);
    expect(signed.status).toBe(200);
    expect(signed.body).toMatchObject({ statut: 'signee', date_signature: new Date(now).toISOString() });
    const pdf = await doctor.get(`/${segment}/${id}/pdf`);
    expect(pdf.headers.get('content-type')).toBe('application/pdf');
    expect(pdf.headers.get('content-disposition')).toMatch(/^attachment; filename="\w+-\d+\.pdf"$/);
    expect(digestOf(pdf.bytes)).toBe(signed.body.empreinte);
    expect(textOf(pdf.bytes)).toContain('Samira Benali');
    now += 60_000;
    expect((await doctor.get(`/${segment}/${id}/pdf?usage=impression`)).bytes).toEqual(pdf.bytes);
    const copie = await doctor.get(`/${segment}/${id}/pdf?langue=ar`);
    expect([copie.status, readPdf(copie.bytes).lang]).toEqual([200, 'ar-MA']);
    // Whatever is said of the patient or the doctor from now on, this was signed.
    await doctor.patch(`/patients/${patient}`, { nom_usage: 'Tazi' });
    expect((await doctor.get(`/${segment}/${id}/pdf`)).bytes).toEqual(pdf.bytes);
    expect(outcome(await sign(doctor, segment, id))).toEqual([409, 'SIGNEE']);
    expect(
      outcome(
        await doctor.patch(
          `/${segment}/${id}`,
          { a_remettre: true },
          { 'If-Match': `"${signed.body.version}"` },
        ),
      ),
    ).toEqual([409, 'SIGNEE']);
    expect((await colleague.client.get(`/${segment}/${id}`)).body).toEqual(
      (await doctor.get(`/${segment}/${id}`)).body,
    );
    expect(outcome(await sign(colleague.client, segment, id))).toEqual([409, 'SIGNEE']);
    const [lines] = await Promise.all([
      api.database.owner.query(
        `SELECT action FROM medical.acces_dossier WHERE requete = 'GET /${segment}/:id/pdf' AND patient_id = $1 ORDER BY id`,
        [patient],
      ),
    ]);
    expect(lines.map(({ action }: { action: string }) => action)).toEqual([
      'telechargement',
      'impression',
      'telechargement',
      'telechargement',
    ]);
  });

  it('are signed by who shows again who they are: the password, or a code of the second factor', async () => {
    const { id } = (await doctor.post(`/${segment}`, body())).body;
    const wrong = await doctor.post(`/${segment}/${id}/signature`, { mot_de_passe: 'Autre-Chose-12!' });
    expect([wrong.status, champs(wrong)]).toEqual([422, ['mot_de_passe']]);
    expect(champs(await doctor.post(`/${segment}/${id}/signature`, {}))).toEqual(['mot_de_passe']);
    expect(
      champs(await doctor.post(`/${segment}/${id}/signature`, { mot_de_passe: PASSWORD, code: '123456' })),
    ).toEqual(['mot_de_passe']);
    expect(outcome(await doctor.post(`/${segment}/${id}/signature`, { code: '123456' }))).toEqual([
      409,
      'TRANSITION_INVALIDE',
    ]);
    expect((await doctor.get(`/${segment}/${id}`)).body.statut).toBe('brouillon');
    const [{ total }] = await api.database.owner.query(
      `SELECT count(*)::integer AS total FROM historique WHERE action = 'reauthentification_refusee' AND entite_id = $1`,
      [cabinet.people.medecin.user.id],
    );
    expect(total).toBeGreaterThan(0);
  });

  it('say under one key once that they were signed, and are signed once by many who try at once', async () => {
    const { id } = (await doctor.post(`/${segment}`, body())).body;
    const key = { 'Idempotency-Key': randomUUID() };
    const first = await sign(doctor, segment, id, {}, key);
    const again = await sign(doctor, segment, id, {}, key);
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.body).toEqual(first.body);
    now += 15_000;
    const { id: other } = (await doctor.post(`/${segment}`, body())).body;
    const tries = await Promise.all(Array.from({ length: 4 }, () => sign(doctor, segment, other)));
    expect(tries.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
  });

  it('are said not to hold any more by their author, and stay to be read as they were signed', async () => {
    const { id } = await makeSigned(doctor, segment, patient);
    const pdf = (await doctor.get(`/${segment}/${id}/pdf`)).bytes;
    const motif = 'Établi pour une autre personne';
    expect((await colleague.client.post(`/${segment}/${id}/invalidation`, { motif })).status).toBe(403);
    const done = await doctor.post(`/${segment}/${id}/invalidation`, { motif });
    expect(done.body).toMatchObject({
      statut: 'invalidee',
      invalidation: { motif, date: new Date(now).toISOString(), par: { id: cabinet.people.medecin.user.id } },
    });
    expect(outcome(await doctor.post(`/${segment}/${id}/invalidation`, { motif }))).toEqual([
      409,
      'TRANSITION_INVALIDE',
    ]);
    expect((await doctor.get(`/${segment}/${id}/pdf`)).bytes).toEqual(pdf);
    const draft = (await doctor.post(`/${segment}`, body())).body.id;
    expect(outcome(await doctor.post(`/${segment}/${draft}/invalidation`, { motif }))).toEqual([
      409,
      'TRANSITION_INVALIDE',
    ]);
  });

  it('are handed over by the desk for a day, when they are marked so, and nothing else of them', async () => {
    const marked = await makeSigned(doctor, segment, patient, { a_remettre: true });
    const { id: unmarked } = await makeSigned(doctor, segment, patient);
    expect((await desk.get(`/${segment}/${marked.id}/pdf`)).bytes).toEqual(
      (await doctor.get(`/${segment}/${marked.id}/pdf`)).bytes,
    );
    expect(
      (await desk.get(`/${segment}?patient_id=${patient}`)).body.map(({ id }: { id: number }) => id),
    ).toEqual([marked.id]);
    for (const path of [`/${segment}/${marked.id}`, `/${segment}/${unmarked}`]) {
      expect((await desk.get(path)).status).toBe(403);
    }
    expect((await desk.get(`/${segment}/${unmarked}/pdf`)).status).toBe(403);
    const { gerant } = cabinet.people;
    expect((await gerant.client.get(`/${segment}/${marked.id}/pdf`)).status).toBe(403);
    const [line] = await api.database.owner.query(
      `SELECT action, fonctions, finalite FROM medical.acces_dossier WHERE user_id = $1 AND requete LIKE 'GET /${segment}/:id/pdf'
         AND action <> 'refus' ORDER BY id DESC LIMIT 1`,
      [cabinet.people.secretaire.user.id],
    );
    expect(line).toEqual({ action: 'telechargement', fonctions: ['secretaire'], finalite: 'HOPERAT' });
    await withoutTriggers((owner) =>
      owner.query(`UPDATE medical.ecrits SET date_signature = now() - interval '25 hours' WHERE id = $1`, [
        marked.id,
      ]),
    );
    expect((await desk.get(`/${segment}/${marked.id}/pdf`)).status).toBe(403);
    expect((await desk.get(`/${segment}`)).body).toEqual([]);
    await withoutTriggers((owner) =>
      owner.query(`UPDATE medical.ecrits SET date_signature = $2 WHERE id = $1`, [
        marked.id,
        marked.date_signature,
      ]),
    );
  });
});

/** As somebody who owns the tables, and has put the guards away. */
async function withoutTriggers(
  run: (owner: TestApi['database']['owner']) => Promise<unknown>,
): Promise<void> {
  const { owner } = api.database;
  await owner.query('ALTER TABLE medical.ecrits DISABLE TRIGGER ecrit_signe');
  await run(owner);
  await owner.query('ALTER TABLE medical.ecrits ENABLE TRIGGER ecrit_signe');
}

describe('signing', () => {
  it('takes a code of the second factor once', async () => {
    const person = await addMembre(api, cabinet.people.gerant.client, cabinet.id, 'medecin');
    await cabinet.people.gerant.client.post(`/cabinets/${cabinet.id}/praticiens`, {
      user_id: person.user.id,
      ...{ titre: 'Docteur en médecine', rpps: '10001234567', email: 'dr@orangers.ma' },
    });
    const { secret } = (await person.client.post('/auth/second-facteur', { password: PASSWORD })).body;
    const codeAt = () => new TOTP({ secret }).generate({ timestamp: now });
    await person.client.post('/auth/second-facteur/confirmation', { code: codeAt() });
    now += 90_000;
    const code = codeAt();
    const [one, other] = [
      (await person.client.post('/certificats', certificat(patient))).body.id,
      (await person.client.post('/certificats', certificat(patient))).body.id,
    ];
    expect((await person.client.post(`/certificats/${one}/signature`, { code })).status).toBe(200);
    const again = await person.client.post(`/certificats/${other}/signature`, { code });
    expect([again.status, champs(again)]).toEqual([422, ['code']]);
    // Whoever guesses is stopped, however many guesses come at once.
    const guesses = await Promise.all(
      Array.from({ length: 12 }, () =>
        person.client.post(`/certificats/${other}/signature`, { code: '000000' }),
      ),
    );
    expect(guesses.map(({ status }) => status)).toContain(429);
    expect((await person.client.get(`/certificats/${other}`)).body.statut).toBe('brouillon');
  });

  it('asks for all that has to stand on it, at once, and for nobody’s password before', async () => {
    const bare = { dci: 'Paracétamol' };
    const { id } = (await doctor.post('/ordonnances', ordonnance(patient, { lignes: [bare] }))).body;
    const refused = await doctor.post(`/ordonnances/${id}/signature`, { mot_de_passe: 'Autre-Chose-12!' });
    expect(champs(refused)).toEqual(['lignes.0.posologie', 'lignes.0.mode', 'lignes.0.duree_jours']);
    const unknown = (await colleague.client.post('/ordonnances', ordonnance(patient))).body.id;
    expect(champs(await sign(colleague.client, 'ordonnances', unknown))).toEqual([
      'prescripteur.titre',
      'prescripteur.identifiant',
      'prescripteur.email',
    ]);
    const child = (await makePatient(doctor, { date_naissance: '2020-05' })).id;
    const { id: dose } = (await doctor.post('/ordonnances', ordonnance(child))).body;
    expect(champs(await sign(doctor, 'ordonnances', dose))).toEqual(['poids_kg']);
  });

  it('is of the draft that was looked at', async () => {
    const { id } = (await doctor.post('/ordonnances', ordonnance(patient))).body;
    await doctor.patch(`/ordonnances/${id}`, { remarques: 'Autre' }, { 'If-Match': '"1"' });
    expect((await sign(doctor, 'ordonnances', id, {}, { 'If-Match': '"1"' })).status).toBe(412);
    expect((await sign(doctor, 'ordonnances', id, {}, { 'If-Match': '"2"' })).status).toBe(200);
  });
});

describe('a record that is not shared', () => {
  it('is closed to other doctors of the practice, who are told so, and to everybody elsewhere', async () => {
    const { id: closed } = await makePatient(doctor, { partage_cabinet: false });
    const { id } = await makeSigned(doctor, 'ordonnances', closed);
    for (const path of [`/ordonnances/${id}`, `/ordonnances/${id}/pdf`]) {
      expect(outcome(await colleague.client.get(path))).toEqual([403, 'DOSSIER_NON_PARTAGE']);
    }
    expect(outcome(await colleague.client.post('/ordonnances', ordonnance(closed)))).toEqual([
      403,
      'DOSSIER_NON_PARTAGE',
    ]);
    expect((await colleague.client.get(`/ordonnances?patient_id=${closed}`)).body).toEqual([]);
    const other = await makeCabinet(api, (await api.newPerson('admin')).client);
    const foreign = await other.people.medecin.client.get(`/ordonnances/${id}`);
    const nothing = await other.people.medecin.client.get('/ordonnances/999999998');
    const bare = ({ body: { correlation_id: _, instance: __, ...rest } }: Reply) => rest;
    expect(bare(foreign)).toEqual(bare(nothing));
  });
});

describe('a known allergy', () => {
  const lignes = [LIGNE, { ...LIGNE, dci: null, specialite: 'Augmentin' }];

  it('is named with the line, put on record of the patient, and answered with a reason that stays', async () => {
    const { id: allergie_id } = await allergie('Pénicillines');
    const refused = await doctor.post('/ordonnances', ordonnance(patient, { lignes }));
    expect(outcome(refused)).toEqual([409, 'ALLERGIE_CONNUE']);
    expect(refused.body.alertes).toEqual([
      { champ: 'lignes.1', allergie_id, substance: 'Pénicillines', raison: 'classe', classe: 'pénicillines' },
    ]);
    const [line] = await api.database.owner.query(
      'SELECT requete, categories, patient_id FROM medical.acces_dossier ORDER BY id DESC LIMIT 1',
    );
    expect(line).toEqual({ requete: 'POST /ordonnances', categories: ['ordonnances'], patient_id: patient });
    const forcer = { motif: 'Test cutané négatif en 2024' };
    const made = await doctor.post('/ordonnances', ordonnance(patient, { lignes, forcer }));
    expect(made.status).toBe(201);
    expect(made.body.alertes).toEqual([
      expect.objectContaining({
        allergie_id,
        motif: forcer.motif,
        medicament: { dci: null, specialite: 'Augmentin' },
      }),
    ]);
    expect(made.body.verification.etat).toBe('connues');
    const { id } = made.body;
    // The answer holds for that medicine, and not for another of the class.
    const changed = [...lignes, { ...LIGNE, dci: 'Ampicilline' }];
    expect(
      (await doctor.patch(`/ordonnances/${id}`, { lignes: changed }, { 'If-Match': '"1"' })).body.alertes,
    ).toEqual([expect.objectContaining({ champ: 'lignes.2' })]);
    const signed = await sign(doctor, 'ordonnances', id);
    expect([signed.status, signed.body.alertes]).toEqual([200, made.body.alertes]);
    const [{ text }] = await api.database.owner.query(
      `SELECT json_agg(e)::text AS text FROM medical.ecrits e`,
    );
    expect(text).not.toMatch(/cutané|Augmentin|nicilline/);
  });

  it('that was entered after the draft is found when it is signed', async () => {
    const { id } = (await doctor.post('/ordonnances', ordonnance(patient, { lignes }))).body;
    await allergie('amoxicilline');
    const refused = await sign(doctor, 'ordonnances', id);
    expect([...outcome(refused), refused.body.alertes[0].raison]).toEqual([
      409,
      'ALLERGIE_CONNUE',
      'substance',
    ]);
    const signed = await sign(doctor, 'ordonnances', id, { forcer: { motif: 'Sous surveillance' } });
    expect([signed.status, signed.body.alertes[0].motif]).toEqual([200, 'Sous surveillance']);
  });

  it('is told apart from one that nobody has asked for, and from the statement that there is none', async () => {
    const etat = async () => (await doctor.post('/ordonnances', ordonnance(patient))).body.verification.etat;
    expect(await etat()).toBe('non_renseignees');
    await doctor.post(`/patients/${patient}/allergies`, { aucune_connue: true });
    expect(await etat()).toBe('aucune_connue');
  });

  it('that cannot be read is an error, and nothing is written', async () => {
    const { id } = await allergie('Pénicillines');
    await api.database.owner.query(
      `UPDATE medical.elements_dossier SET contenu = set_byte(contenu, 20, get_byte(contenu, 20) # 1) WHERE id = $1`,
      [id],
    );
    const failed = await doctor.post('/ordonnances', ordonnance(patient, { lignes }));
    expect(outcome(failed)).toEqual([500, 'ERREUR_INTERNE']);
    expect((await doctor.get(`/ordonnances?patient_id=${patient}`)).body).toEqual([]);
  });
});

describe('what was written of somebody who turns out to be somebody else', () => {
  it('is whole while they are one and once they are two again, also what was signed meanwhile', async () => {
    const other = (await makePatient(doctor, { prenoms: 'S.' })).id;
    const before = await makeSigned(doctor, 'ordonnances', other);
    const draft = (await doctor.post('/certificats', certificat(other))).body.id;
    const { client: gerant } = cabinet.people.gerant;
    const fusion = await gerant.post(`/patients/${patient}/fusion`, { avec: other });
    expect(fusion.status).toBe(201);
    expect((await doctor.get(`/ordonnances/${before.id}`)).body).toEqual({ ...before, patient_id: patient });
    const signed = await sign(doctor, 'certificats', draft);
    expect([signed.status, signed.body.patient_id]).toEqual([200, patient]);
    const { bytes } = await doctor.get(`/certificats/${draft}/pdf`);
    expect((await gerant.post(`/fusions/${fusion.body.id}/annuler`)).status).toBe(200);
    expect((await doctor.get(`/ordonnances/${before.id}`)).body).toEqual(before);
    expect((await doctor.get(`/certificats/${draft}`)).body).toEqual({ ...signed.body, patient_id: other });
    expect((await doctor.get(`/certificats/${draft}/pdf`)).bytes).toEqual(bytes);
    const found: unknown[] = [];
    await verifyEcrits(api.app.medical, api.app.secrets, (fault) => found.push(fault));
    expect(found).toEqual([]);
  });
});

describe('what was signed', () => {
  const faults = async () => {
    const found: unknown[] = [];
    const { signes } = await verifyEcrits(api.app.medical, api.app.secrets, (fault) => found.push(fault));
    return { signes, found };
  };

  it('cannot be changed or removed by statements, but for saying that it does not hold any more', async () => {
    const { id } = await makeSigned(doctor, 'ordonnances', patient);
    const refusal = (statement: string) =>
      api.database.owner.query(statement).then(
        () => null,
        (error) => error.driverError.code,
      );
    for (const change of [
      `contenu = '\\x00'`,
      `pdf = '\\x00'`,
      `signature = '\\x00'`,
      'a_remettre = NOT a_remettre',
      'date_signature = now()',
      'auteur_id = 1',
      `statut = 'brouillon', date_signature = NULL, pdf = NULL, signature = NULL`,
      `statut = 'invalidee', date_invalidation = now(), invalide_par = auteur_id, motif_invalidation = '\\x00', contenu = '\\x00'`,
    ]) {
      expect([change, await refusal(`UPDATE medical.ecrits SET ${change} WHERE id = ${id}`)]).toEqual([
        change,
        '42501',
      ]);
    }
    expect(await refusal(`DELETE FROM medical.ecrits WHERE id = ${id}`)).toBe('42501');
    expect(await refusal('TRUNCATE medical.ecrits')).toBe('P0001');
  });

  it('shows every byte that is changed of it all the same: named, and never shown', async () => {
    const signed = {
      un: await makeSigned(doctor, 'ordonnances', patient, { a_remettre: true, copie_arabe: true }),
      deux: await makeSigned(doctor, 'certificats', patient),
    };
    const { id } = signed.un;
    const whole = await faults();
    expect(whole.found).toEqual([]);
    expect(whole.signes).toBeGreaterThan(1);
    const { owner } = api.database;
    await owner.query('CREATE TABLE medical.avant AS SELECT * FROM medical.ecrits');
    const flipped = (column: string) => `${column} = set_byte(${column}, 40, get_byte(${column}, 40) # 1)`;
    const ofOther = (column: string) =>
      `${column} = (SELECT ${column} FROM medical.avant WHERE id = ${signed.deux.id})`;
    for (const change of [
      ...['contenu', 'pdf', 'pdf_ar', 'signature'].map(flipped),
      ...['contenu', 'pdf', 'signature'].map(ofOther),
      'pdf = pdf_ar',
      'a_remettre = false',
      `date_signature = date_signature + interval '1 second'`,
      `auteur_id = ${colleague.user.id}`,
    ]) {
      await withoutTriggers(() => owner.query(`UPDATE medical.ecrits SET ${change} WHERE id = ${id}`));
      const { found } = await faults();
      expect([change, found]).toEqual([
        change,
        [{ cabinet_id: cabinet.id, id, fault: expect.stringMatching(new RegExp(String(id))) }],
      ]);
      // What was changed is shown to nobody; what was not, as it was signed.
      const parts = { contenu: '', pdf: '/pdf', pdf_ar: '/pdf?langue=ar' };
      for (const [part, path] of Object.entries(parts)) {
        const { status, bytes } = await doctor.get(`/ordonnances/${id}${path}`);
        const column = change.split(' ')[0]!;
        const hit = !(column in parts) || column === part;
        expect([change, path, status]).toEqual([change, path, hit ? 500 : 200]);
        if (hit) expect(bytes.toString()).not.toMatch(/Paracétamol|%PDF|comprimé/);
      }
      await withoutTriggers(() =>
        owner.query(
          `UPDATE medical.ecrits e SET contenu = a.contenu, pdf = a.pdf, pdf_ar = a.pdf_ar, signature = a.signature,
             a_remettre = a.a_remettre, date_signature = a.date_signature, auteur_id = a.auteur_id
           FROM medical.avant a WHERE a.id = e.id AND e.id = ${id}`,
        ),
      );
    }
    await owner.query('DROP TABLE medical.avant');
    expect((await faults()).found).toEqual([]);
    expect((await doctor.get(`/ordonnances/${id}`)).body).toEqual(signed.un);
  });
});
