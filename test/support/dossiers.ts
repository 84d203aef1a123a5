import type { Client, Reply } from './client';
import { PASSWORD } from './factories';

/** What stands in records, for tests. */

export interface Entree {
  body: object;
  change: object;
  /** Written and read with the identity, and not with the record. */
  administratif?: true;
}

/** By their paths, an entry of each kind that may be changed, in full, and a change of it. @param mot in all that is free text. */
export const entreesDe = (mot: string): Record<string, Entree> => ({
  couvertures: {
    body: {
      organisme: `CNOPS ${mot}`,
      immatriculation: `IM ${mot}`,
      qualite: 'ayant_droit',
      taux: 72.5,
      date_debut: '2020-01',
      date_fin: null,
    },
    change: { taux: 80, date_fin: '2026-12-31' },
    administratif: true,
  },
  representants: {
    body: {
      qualite: 'personne_de_confiance',
      nom: mot,
      prenoms: `Omar ${mot}`,
      telephone: '+212661234567',
      email: `${mot.toLowerCase()}@exemple.ma`,
      adresse: `3 rue ${mot}\nRabat`,
      precision: `${mot}, le soir`,
    },
    change: { telephone: null, qualite: 'contact_urgence' },
    administratif: true,
  },
  antecedents: {
    body: {
      type: 'familial',
      texte: `Infarctus ${mot}`,
      code: 'I21.9',
      date_debut: '1950',
      lien: `Père ${mot}`,
      source_tiers: true,
    },
    change: { code: null, statut: 'resolu' },
  },
  allergies: {
    body: {
      aucune_connue: false,
      substance: `${mot} V`,
      categorie: 'medicament',
      reaction: `Urticaire ${mot}`,
      severite: 'severe',
      certitude: 'confirmee',
      date_debut: '1998-07',
    },
    change: { severite: 'moderee' },
  },
  traitements: {
    body: {
      medicament: `${mot} 850 mg`,
      code: 'A10BA02',
      posologie: `1 ${mot} le soir`,
      motif: `Diabète ${mot}`,
      prescripteur: `Dr ${mot}`,
      date_debut: '2019-05',
      date_fin: null,
    },
    change: { statut: 'termine', date_fin: '2026-11' },
  },
  constantes: {
    body: {
      type: 'tension_arterielle',
      valeur: 128,
      diastolique: 79,
      unite: 'mm[Hg]',
      precision: `Bras ${mot}`,
      date_effet: '2026-11-02T08:30:00.000Z',
    },
    change: { diastolique: 81, date_effet: '2026-11-02T08:31:00.000Z' },
  },
  diagnostics: {
    body: { texte: `Diabète ${mot}`, code: 'E11.9', certitude: 'suspecte', date_debut: '2019' },
    change: { certitude: 'confirme', statut: 'resolu' },
  },
});

/** What a patient says of sharing and of being reached: it is only added to. */
export const consentement = (mot: string) => ({
  objet: 'rappels_email',
  decision: 'donne',
  recueil: 'ecrit',
  par: mot,
  precision: `${mot} a signé`,
});

/** What a doctor writes of a visit. */
export const note = (mot: string) => ({
  motif: `Toux ${mot}`,
  interrogatoire: `${mot} depuis trois jours`,
  examen: `Auscultation ${mot}`,
  conclusion: `Bronchite ${mot}`,
  conduite: `Repos ${mot}`,
  notes_personnelles: `${mot}, anxieux`,
});
/** Enters something of every kind in the record of a patient, changes it and says that it was an error. */
export async function fillDossier(doctor: Client, patientId: number, mot: string): Promise<void> {
  const path = `/patients/${patientId}`;
  const ok = ({ status, body }: Reply): Reply['body'] => {
    if (status > 299) throw new Error(`Not entered: ${JSON.stringify(body)}`);
    return body;
  };
  for (const [segment, { body, change }] of Object.entries(entreesDe(mot))) {
    const { id } = ok(await doctor.post(`${path}/${segment}`, body));
    ok(await doctor.patch(`${path}/${segment}/${id}`, change));
    ok(await doctor.patch(`${path}/${segment}/${id}`, { statut: 'erreur', motif_erreur: mot }));
  }
  ok(await doctor.post(`${path}/consentements`, consentement(mot)));
  const draft = ok(await doctor.post('/consultations', { patient_id: patientId, ...note(mot) }));
  const at = `/consultations/${draft.id}`;
  ok(await doctor.post(`${path}/diagnostics`, { texte: mot, consultation_id: draft.id }));
  ok(await doctor.patch(at, { conclusion: `${mot}, revu` }, { 'If-Match': '"1"' }));
  await doctor.post(`${at}/signature`, { mot_de_passe: `${mot} 1!` });
  ok(await doctor.post(`${at}/signature`, { mot_de_passe: PASSWORD }));
  ok(await doctor.post(`${at}/addenda`, { texte: mot }));
  ok(await doctor.put(`${at}/publication`));
  ok(await doctor.delete(`${at}/publication`));
  ok(await doctor.put(`${at}/publication`));
  ok(await doctor.post(`${at}/invalidation`, { motif: mot }));
}
