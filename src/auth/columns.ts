import type { Columns } from './sql';

/**
 * Where the fields that permissions speak of are found, subject by subject: every statement that asks for rights names
 * its tables by the same letters.
 */

export const USER_COLUMNS: Columns = { id: 'u.id', role: 'u.role', is_active: 'u.is_active' };

/** The sites of the user `u`, in order; of whoever oversees everything none are named. */
export const USER_SITE_IDS = `CASE WHEN u.tous_sites THEN '{}'::integer[]
  ELSE ARRAY(SELECT us.site_id FROM user_sites us WHERE us.user_id = u.id ORDER BY us.site_id) END`;

export const TECHNICIEN_COLUMNS: Columns = {
  user_id: 't.user_id',
  'user.site_ids': `(${USER_SITE_IDS})`,
  'user.tous_sites': 'u.tous_sites',
};

/** The practice `c`. */
export const CABINET_COLUMNS: Columns = { id: 'c.id' };

/**
 * Whether a member runs their practice, now or later: until their last day has ended everywhere, twelve hours after it has in
 * UTC. Which day it is at the practice PostgreSQL is not asked.
 */
export function runsPractice(member: 'm' | 'g'): string {
  return `${member}.fonction = 'gerant' AND (${member}.date_fin IS NULL
    OR extract(epoch FROM ${member}.date_fin) + 36 * 3600 > extract(epoch FROM now()))`;
}

/** The member `m`. */
export const MEMBRE_COLUMNS: Columns = {
  cabinet_id: 'm.cabinet_id',
  fonction: 'm.fonction',
  'cabinet.sans_gerant': `(NOT EXISTS (SELECT FROM medical.membres_cabinet g WHERE g.cabinet_id = m.cabinet_id
    AND ${runsPractice('g')}))`,
};

/** The doctor `d`. */
export const PRATICIEN_COLUMNS: Columns = { cabinet_id: 'd.cabinet_id' };

/** The kind of appointment `t` of a practice. */
export const TYPE_RENDEZ_VOUS_COLUMNS: Columns = { cabinet_id: 't.cabinet_id' };

/** The appointment `r` of a patient with the doctor `d`. */
export const RENDEZ_VOUS_CABINET_COLUMNS: Columns = {
  cabinet_id: 'r.cabinet_id',
  'praticien.user_id': 'd.user_id',
};

/** Who waits for one `a`, and for whom, `d`. */
export const ATTENTE_PATIENT_COLUMNS: Columns = {
  cabinet_id: 'a.cabinet_id',
  'praticien.user_id': 'd.user_id',
};

/** The patient `p`, and what is asked of them. */
export const PATIENT_COLUMNS: Columns = { cabinet_id: 'p.cabinet_id' };

/** Whether a break-glass opens the record still. */
export function ouvert(row: 'b' | 'o'): string {
  return `${row}.date_fin > now()`;
}

/** The purge `x`, what keeps a record `h`. */
export const PURGE_COLUMNS: Columns = { cabinet_id: 'x.cabinet_id' };
/** What a patient asks by right, `y`. */
export const DEMANDE_DROITS_COLUMNS: Columns = { cabinet_id: 'y.cabinet_id' };
export const RETENUE_CONSERVATION_COLUMNS: Columns = { cabinet_id: 'h.cabinet_id' };
/** Who treats the patient `p`, and for whom their record was opened that is not over yet. */
const SOIGNANTS =
  'ARRAY(SELECT s.user_id FROM medical.soignants_patient s WHERE s.cabinet_id = p.cabinet_id AND s.patient_id = p.id)';
const OUVERT_A = `ARRAY(SELECT b.user_id FROM medical.bris_de_glace b
  WHERE b.cabinet_id = p.cabinet_id AND b.patient_id = p.id AND ${ouvert('b')})`;

/** The record of the patient `p`. */
export const DOSSIER_COLUMNS = {
  ...PATIENT_COLUMNS,
  partage_cabinet: 'p.partage_cabinet',
  soignants: SOIGNANTS,
  ouvert_a: OUVERT_A,
} as const satisfies Columns;

/** The export `x`. */
export const EXPORT_COLUMNS: Columns = { cabinet_id: 'x.cabinet_id', demandeur_id: 'x.demandeur_id' };
/** The patient `p`, for themselves: those too who turned out to be them. */
export const MON_COLUMNS: Columns = { user_id: 'p.lecteur_id' };

/** That the record of a patient was opened, `b`. */
export const BRIS_COLUMNS: Columns = { cabinet_id: 'b.cabinet_id', user_id: 'b.user_id' };
/** The consultation `s`. */
export const CONSULTATION_COLUMNS: Columns = { cabinet_id: 's.cabinet_id', auteur_id: 's.auteur_id' };
/** The ordonnance or certificate `e` of the patient `p`; handed over is what was signed less than a day ago. */
export const ECRIT_COLUMNS: Columns = {
  ...DOSSIER_COLUMNS,
  auteur_id: 'e.auteur_id',
  statut: 'e.statut',
  a_remettre: "(e.a_remettre AND e.statut = 'signee' AND e.date_signature > now() - interval '24 hours')",
};

/** The examen `e`, which is nobody's yet. */
export const EXAMEN_NON_RATTACHE_COLUMNS: Columns = { cabinet_id: 'e.cabinet_id' };

export const SITE_COLUMNS: Columns = { id: 's.id' };

export const CONTRAT_COLUMNS: Columns = { client_id: 'c.client_id', site_id: 'c.site_id' };

export const EQUIPEMENT_COLUMNS: Columns = { site_id: 'e.site_id', client_id: 'e.client_id' };

export const INTERVENTION_COLUMNS: Columns = {
  createur_id: 'i.createur_id',
  technicien_id: 'i.technicien_id',
  equipiers: 'i.equipiers',
  statut: 'i.statut',
  satisfaction_auteur_id: 'i.satisfaction_auteur_id',
  'equipement.client_id': 'e.client_id',
  'equipement.site_id': 'e.site_id',
};

export const PLANNING_COLUMNS: Columns = {
  technicien_id: 'p.technicien_id',
  equipiers: 'p.equipiers',
  'equipement.site_id': 'e.site_id',
};

export const PROPOSITION_COLUMNS: Columns = { site_ids: 'r.site_ids' };
/** The sites of the equipments of the plan `p`; 0 stands for none. */
export const PLAN_COLUMNS: Columns = {
  site_ids: `(ARRAY(SELECT DISTINCT coalesce(e.site_id, 0) FROM plans_preventifs_equipements pe
    JOIN equipements e ON e.id = pe.equipement_id WHERE pe.plan_id = p.id))`,
};

export const RAPPORT_COLUMNS: Columns = { site_ids: 'r.site_ids', technicien_id: 'r.technicien_id' };

/** `e` is the equipment of the document, or that of its intervention; `r` the request of the report that it is. */
export const DOCUMENT_COLUMNS: Columns = {
  intervention_id: 'd.intervention_id',
  equipement_id: 'd.equipement_id',
  visible_client: 'd.visible_client',
  is_encrypted: 'd.is_encrypted',
  uploadeur_id: 'd.uploadeur_id',
  'intervention.technicien_id': 'i.technicien_id',
  'intervention.createur_id': 'i.createur_id',
  'equipement.site_id': 'e.site_id',
  'equipement.client_id': 'e.client_id',
  'rapport.site_ids': "coalesce(r.site_ids, '{}')",
  'rapport.technicien_id': 'r.technicien_id',
};

export const NOTIFICATION_COLUMNS: Columns = {
  destinataire_id: 'n.destinataire_id',
  supprimee: 'n.supprimee',
};

export const INTERVENANT_COLUMNS: Columns = { site_id: 'v.site_id', user_id: 'v.user_id' };

export const SALLE_COLUMNS: Columns = { site_id: 'r.site_id' };

/** `v` is whose calendar it is. */
export const AGENDA_EXTERNE_COLUMNS: Columns = {
  'intervenant.site_id': 'v.site_id',
  'intervenant.user_id': 'v.user_id',
};

export const PRESTATION_COLUMNS: Columns = {
  site_id: 'f.site_id',
  visibilite: 'f.visibilite',
  actif: 'f.actif',
  de_cabinet: 'f.de_cabinet',
};

/** The accounts of those who provide the prestation `f`. */
export const PRESTATION_USER_IDS = `(ARRAY(SELECT v.user_id FROM prestations_intervenants pi
  JOIN intervenants v ON v.id = pi.intervenant_id WHERE pi.prestation_id = f.id))`;

/** `f` is what somebody waits for. */
export const LISTE_ATTENTE_COLUMNS: Columns = {
  demandeur_id: 'a.demandeur_id',
  origine: 'a.origine',
  'prestation.site_id': 'f.site_id',
  'prestation.user_ids': PRESTATION_USER_IDS,
};

/** `f` is what was booked. */
export const RENDEZ_VOUS_COLUMNS: Columns = {
  id: 'b.id',
  demandeur_id: 'b.demandeur_id',
  user_ids: 'b.user_ids',
  'prestation.site_id': 'f.site_id',
  'prestation.de_cabinet': 'f.de_cabinet',
};
