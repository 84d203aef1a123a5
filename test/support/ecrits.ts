import type { TestCabinet } from './cabinets';
import type { Client, Reply } from './client';
import { PASSWORD } from './factories';

/** What doctors write and sign, for tests. */

export const LIGNE = {
  dci: 'Paracétamol',
  dosage: '1 g',
  posologie: '1 comprimé trois fois par jour',
  mode: 'Voie orale',
  duree_jours: 5,
};

export const ordonnance = (patient_id: number, given: object = {}) => ({
  patient_id,
  lignes: [LIGNE],
  ...given,
});

export const certificat = (patient_id: number, given: object = {}) => ({
  patient_id,
  type: 'repos',
  texte: 'L’état de santé de la patiente nécessite un repos de trois jours.',
  date_debut: '2026-11-29',
  date_fin: '2026-12-01',
  ...given,
});

/** Both kinds, by their paths. */
export const ECRITS = { ordonnances: ordonnance, certificats: certificat } as const;

/** Has a practice say of somebody who signs there what has to stand on what they sign. */
export async function makePrescripteur(cabinet: TestCabinet, fonction: 'medecin' | 'remplacant' = 'medecin') {
  const { gerant, [fonction]: person } = cabinet.people;
  await gerant.client.patch(`/cabinets/${cabinet.id}`, {
    adresse: '12, rue de Fès\n20000 Casablanca',
    telephone: '0522000000',
  });
  const path = `/cabinets/${cabinet.id}/praticiens`;
  const said = { titre: 'Docteur en médecine', inpe: '101112131', email: 'n.alami@orangers.ma' };
  const known: { id: number; user_id: number }[] = (await gerant.client.get(path)).body;
  const there = known.find(({ user_id }) => user_id === person.user.id);
  const { status, body } = await (there === undefined
    ? gerant.client.post(path, { ...said, user_id: person.user.id })
    : gerant.client.patch(`${path}/${there.id}`, said));
  if (status > 299) throw new Error(`No doctor: ${JSON.stringify(body)}`);
  return person;
}

/** Signs with the password of everybody in tests. */
export function sign(
  by: Client,
  segment: keyof typeof ECRITS,
  id: number,
  given: object = {},
  headers: Record<string, string> = {},
): Promise<Reply> {
  return by.post(`/${segment}/${id}/signature`, { mot_de_passe: PASSWORD, ...given }, headers);
}

/** One that is signed. */
export async function makeSigned(
  by: Client,
  segment: keyof typeof ECRITS,
  patientId: number,
  given: object = {},
): Promise<Reply['body']> {
  const draft = await by.post(`/${segment}`, ECRITS[segment](patientId, given));
  if (draft.status !== 201) throw new Error(`Nothing to sign: ${JSON.stringify(draft.body)}`);
  const { status, body } = await sign(by, segment, draft.body.id);
  if (status !== 200) throw new Error(`Not signed: ${JSON.stringify(body)}`);
  return body;
}

export const RECU = {
  libelle: 'Hémoglobine glyquée',
  identite: { nom: 'Benali', prenoms: 'Samira', date_naissance: '14/03/62' },
  resultat: { texte: 'HbA1c : 9,1 %', critique: true },
};

/** What doctors write of a patient, in each state. */
export interface Ecritures {
  brouillon: Record<keyof typeof ECRITS, number>;
  signe: Record<keyof typeof ECRITS, number>;
  invalide: Record<keyof typeof ECRITS, number>;
  examen: number;
  nonRattache: number;
}

/** @param mot in all that is free text, of everything. */
export async function makeEcritures(by: Client, patientId: number, mot = 'Samira'): Promise<Ecritures> {
  const all: Ecritures = {
    brouillon: { ordonnances: 0, certificats: 0 },
    signe: { ordonnances: 0, certificats: 0 },
    invalide: { ordonnances: 0, certificats: 0 },
    examen: 0,
    nonRattache: 0,
  };
  const made = async (reply: Promise<Reply>): Promise<number> => {
    const { status, body } = await reply;
    if (status >= 300) throw new Error(`Not made: ${JSON.stringify(body)}`);
    return body.id;
  };
  for (const segment of ['ordonnances', 'certificats'] as const) {
    const given = { ...ecritDe(segment, mot), a_remettre: true, copie_arabe: true };
    all.brouillon[segment] = await made(by.post(`/${segment}`, ECRITS[segment](patientId, given)));
    all.signe[segment] = (await makeSigned(by, segment, patientId, given)).id;
    all.invalide[segment] = (await makeSigned(by, segment, patientId, given)).id;
    await made(by.post(`/${segment}/${all.invalide[segment]}/invalidation`, { motif: `Erreur ${mot}` }));
  }
  all.examen = await made(by.post('/examens', examenDe(patientId, mot)));
  await made(by.put(`/examens/${all.examen}/resultat`, { texte: `Partiel ${mot}`, partiel: true }));
  await made(by.post(`/examens/${all.examen}/vu`, { numero: 1, decision: 'a_surveiller', commentaire: mot }));
  await made(by.put(`/examens/${all.examen}/resultat`, { texte: `Complet ${mot}`, critique: true }));
  all.nonRattache = await made(by.post('/examens', recuDe(mot)));
  return all;
}

export const examenDe = (patient_id: number, mot: string) => ({
  patient_id,
  libelle: `Glycémie ${mot}`,
  indication: `Diabète ${mot}`,
  laboratoire: `Laboratoire ${mot}`,
  attendu_le: '2090-01-31',
});

export const recuDe = (mot: string) => ({
  libelle: `HbA1c ${mot}`,
  indication: mot,
  laboratoire: mot,
  identite: { nom: mot, prenoms: mot, date_naissance: mot },
  resultat: { texte: `9,1 % ${mot}`, critique: true },
});

/** The free text of each kind. */
export function ecritDe(segment: keyof typeof ECRITS, mot: string): object {
  if (segment === 'certificats') {
    return {
      texte: `Un repos pour ${mot}`,
      texte_ar: `راحة ${mot}`,
      diagnostic: `Grippe ${mot}`,
      accord_diagnostic: true,
    };
  }
  return {
    lignes: [
      {
        ...LIGNE,
        specialite: `Doliprane ${mot}`,
        dosage: `1 g ${mot}`,
        posologie: `1 comprimé ${mot}`,
        mode: `Voie orale ${mot}`,
      },
    ],
    remarques: `Revoir ${mot}`,
  };
}

type Ask = (client: Client, patientId: number) => Promise<Reply>;

/**
 * A request of every route of what doctors write, on what {@link makeEcritures} made of a patient; each leaves the others
 * something to ask about.
 * @param found ids as they are by then.
 */
export function requestsOfEcritures(found: (patientId: number) => Ecritures): Record<string, Ask> {
  return {
    ...Object.fromEntries(
      (['ordonnances', 'certificats'] as const).flatMap((segment): [string, Ask][] => [
        [`GET /${segment}`, (client, id) => client.get(`/${segment}?patient_id=${id}`)],
        [`POST /${segment}`, (client, id) => client.post(`/${segment}`, ECRITS[segment](id))],
        [`GET /${segment}/:id`, (client, id) => client.get(`/${segment}/${found(id).signe[segment]}`)],
        [
          `PATCH /${segment}/:id`,
          async (client, id) => {
            const draft = `/${segment}/${found(id).brouillon[segment]}`;
            return client.patch(draft, { copie_arabe: false }, { 'If-Match': '"1"' });
          },
        ],
        [
          `POST /${segment}/:id/signature`,
          (client, id) => sign(client, segment, found(id).brouillon[segment]),
        ],
        [
          `POST /${segment}/:id/invalidation`,
          (client, id) =>
            client.post(`/${segment}/${found(id).signe[segment]}/invalidation`, { motif: 'Erreur' }),
        ],
        [
          `GET /${segment}/:id/pdf`,
          (client, id) => client.get(`/${segment}/${found(id).invalide[segment]}/pdf`),
        ],
      ]),
    ),
    'GET /examens': (client, id) => client.get(`/examens?patient_id=${id}`),
    'POST /examens': (client, id) => client.post('/examens', examenDe(id, 'Samira')),
    'GET /examens/:id': (client, id) => client.get(`/examens/${found(id).examen}`),
    'PATCH /examens/:id': (client, id) =>
      client.patch(`/examens/${found(id).examen}`, { attendu_le: '2090-02-28' }),
    'PUT /examens/:id/resultat': (client, id) =>
      client.put(`/examens/${found(id).examen}/resultat`, { texte: 'Encore' }),
    'POST /examens/:id/vu': (client, id) =>
      client.post(`/examens/${found(id).examen}/vu`, { numero: 3, decision: 'normal' }),
    'PUT /examens/:id/rattachement': (client, id) =>
      client.put(`/examens/${found(id).nonRattache}/rattachement`, { patient_id: id }),
  };
}
