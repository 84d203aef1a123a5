import { z } from 'zod';
import { SEXES } from '../../domain/cabinet/identites';
import { ANNULE_PAR, STATUTS_RENDEZ_VOUS_CABINET } from '../../domain/cabinet/rendez-vous';
import { VUES } from '../../domain/rendez-vous/agenda';
import { MAX_EXCEPTIONS } from '../../domain/rendez-vous/ressources';
import { MAX_RENDEZ_VOUS } from '../../services/cabinet/rendez-vous';
import { TYPE_LIST } from '../../services/cabinet/types-rendez-vous';
import { exceptions } from '../http/exceptions';
import { HORAIRES, horaires } from '../http/horaires';
import { jour } from '../http/lieux';
import { patientTrouve } from '../http/patients';
import { slug, uid } from '../http/rendez-vous';
import {
  csv,
  email,
  id,
  idParam,
  instant,
  pagination,
  personName,
  plainName,
  queryBoolean,
  queryId,
  queryNumber,
  resourceFields,
  telephone,
  text,
} from '../http/schemas';
import { texte } from '../http/validation';

/** Appointments of practices. */

const MINUTES_A_DAY = 24 * 60;

const duree = z
  .int()
  .min(5)
  .max(12 * 60);

const type = {
  libelle: plainName(100).meta({ description: 'Tel que le cabinet le nomme ; dit nulle part ailleurs' }),
  durees: z.array(duree).min(1).max(10).meta({ description: 'Minutes ; la première sauf autre choix' }),
  pas: z.union([duree, z.literal('auto')]).meta({ description: 'Minutes d’un début au suivant' }),
  tampon_avant: z.int().min(0).max(120),
  tampon_apres: z.int().min(0).max(120),
  preavis_annuler: z
    .int()
    .min(0)
    .max(30 * MINUTES_A_DAY)
    .meta({ description: 'Minutes avant le début à partir desquelles une annulation est tardive' }),
  jours: z.int().min(1).max(400).meta({ description: 'Jours d’avance jusqu’où l’on prend rendez-vous' }),
  rappels: z
    .array(
      z
        .string()
        .regex(
          /^P(?:[1-9]\d?D|T[1-9]\d?H)$/,
          texte('Jours ou heures attendus, P2D ou PT3H', 'Days or hours are expected, P2D or PT3H'),
        ),
    )
    .max(5)
    .refine((all) => new Set(all).size === all.length, texte('Dit deux fois', 'Said twice'))
    .meta({ description: 'Combien avant ; par le canal auquel le patient consent' }),
  praticiens: z
    .array(id)
    .max(50)
    .refine((all) => new Set(all).size === all.length, texte('Nommé deux fois', 'Named twice'))
    .meta({ description: 'Praticiens du cabinet qui l’assurent' }),
  actif: z.boolean(),
};

export const typeBody = z.strictObject({
  ...type,
  pas: type.pas.default('auto'),
  tampon_avant: type.tampon_avant.default(0),
  tampon_apres: type.tampon_apres.default(0),
  preavis_annuler: type.preavis_annuler.default(MINUTES_A_DAY),
  jours: type.jours.default(180),
  rappels: type.rappels.default(['P2D', 'PT3H']),
  actif: type.actif.default(true),
});

export const typeChanges = z.strictObject(type).partial();

export const typeQuery = z.strictObject({
  ...pagination(TYPE_LIST.sortable),
  actif: queryBoolean.optional(),
});

export const typeParams = idParam.extend({ type_id: idParam.shape.id });

export const typeAnswer = z
  .object({
    ...resourceFields,
    cabinet_id: id,
    slug: z.string().meta({ description: 'Par lequel les requêtes le nomment' }),
    libelle: z.string(),
    durees: z.array(z.int()),
    pas: z.union([z.int(), z.literal('auto')]),
    tampon_avant: z.int(),
    tampon_apres: z.int(),
    preavis_annuler: z.int(),
    jours: z.int(),
    rappels: z.array(z.string()),
    praticiens: z.array(id),
    actif: z.boolean(),
  })
  .meta({ id: 'TypeRendezVous' });

export const horairesBody = z.strictObject({
  horaires: horaires.nullable().meta({ description: `${HORAIRES} ; null pour les horaires habituels` }),
  exceptions: exceptions.default([]),
  absences: z
    .array(z.strictObject({ date_debut: jour, date_fin: jour.meta({ description: 'Comprise' }) }))
    .max(MAX_EXCEPTIONS)
    .refine(
      (all) => all.every(({ date_debut, date_fin }) => date_debut <= date_fin),
      texte('La fin précède le début', 'The end precedes the start'),
    )
    .default([]),
});

export const creneauxCabinetQuery = z.strictObject({
  prestation: slug,
  praticien_id: queryId.optional(),
  duree: queryNumber(5, 720).optional().meta({ description: 'Minutes ; la première du type sinon' }),
  debut: jour,
  fin: jour.meta({ description: 'Comprise ; 62 jours au plus' }),
  premier: queryBoolean.optional().meta({ description: 'Le premier créneau seul' }),
});

/** What a desk learns of somebody who calls; the rest is asked when they come. */
const nouveauPatient = z.strictObject({
  nom_naissance: personName,
  nom_usage: personName.nullable().default(null),
  prenoms: personName,
  sexe: z.enum(SEXES),
  date_naissance: z
    .string()
    .regex(
      /^\d{4}(-\d{2}(-\d{2})?)?$/,
      texte('Date attendue : 1962-03-14, 1962-03 ou 1962', 'A date is expected: 1962-03-14, 1962-03 or 1962'),
    ),
  telephone: telephone.nullable().default(null),
  email: email.nullable().default(null),
});

export const priseBody = z
  .strictObject({
    patient_id: id.optional(),
    nouveau_patient: nouveauPatient.optional(),
    praticien_id: id,
    prestation: slug,
    debut: instant,
    duree: duree.optional().meta({ description: 'Minutes ; la première du type sinon' }),
    surnombre: z
      .boolean()
      .default(false)
      .meta({ description: 'En plus d’un rendez-vous du même praticien, s’il y en a un à ce moment' }),
    motif: text(1, 1_000)
      .nullable()
      .default(null)
      .meta({ description: 'Scellé ; lu par qui peut ouvrir le dossier' }),
  })
  .refine(
    ({ patient_id, nouveau_patient }) => (patient_id === undefined) !== (nouveau_patient === undefined),
    {
      path: ['patient_id'],
      message: texte('Un patient, connu ou nouveau', 'A patient, known or new'),
    },
  );

export const rendezVousCabinetParams = idParam.extend({
  uid: uid.meta({ description: 'Identifiant public du rendez-vous' }),
});

export const agendaCabinetQuery = z.strictObject({
  vue: z.enum(VUES).default('jour').meta({
    description:
      'Un jour, sa semaine à partir du lundi, ou les jours de son mois, sans ceux des mois voisins',
  }),
  date: jour
    .optional()
    .meta({ description: 'Un jour de la vue, au fuseau du cabinet ; aujourd’hui si absent' }),
  praticien_id: csv(queryId).optional(),
});

const par = z.enum(ANNULE_PAR).optional().meta({ description: 'Qui le souhaite ; `patient` sauf autre' });

export const annulationCabinetBody = z.strictObject({
  par,
  motif: text(1, 500).optional().meta({ description: 'Scellé' }),
});
export const reportCabinetBody = z.strictObject({
  debut: instant,
  duree: duree.optional().meta({ description: 'Minutes ; celle d’avant sinon' }),
  praticien_id: id.optional().meta({ description: 'Le même sinon' }),
  prestation: slug.optional().meta({ description: 'Le même type sinon' }),
  surnombre: z.boolean().default(false),
  par,
});

const moment = z.iso.datetime().nullable();

export const rendezVousCabinetAnswer = z
  .object({
    ...resourceFields,
    cabinet_id: id,
    uid: z.string(),
    statut: z.enum(STATUTS_RENDEZ_VOUS_CABINET),
    debut: z.iso.datetime(),
    fin: z.iso.datetime(),
    surnombre: z.boolean().meta({ description: 'Pris en plus d’un autre, sciemment' }),
    praticien: z.object({ id, nom: z.string() }),
    prestation: z.object({ slug: z.string(), libelle: z.string() }),
    patient: z.object(patientTrouve),
    motif: z.string().nullable().optional().meta({
      description: 'Pour qui peut ouvrir le dossier ; absent pour les autres, qu’il y en ait un ou non',
    }),
    motif_annulation: z.string().nullable().optional(),
    arrive_le: moment,
    appele_le: moment,
    termine_le: moment,
    absent_le: moment,
    annule_le: moment,
    annule_par: z.enum(ANNULE_PAR).nullable(),
    tardif: z.boolean().nullable(),
    parti: z.boolean().meta({ description: 'Était là, et est parti sans être vu' }),
    a_annuler: z.boolean().meta({
      description:
        'Confirmé alors que le patient est décédé ce jour-là ou avant : à annuler par quelqu’un, jamais tout seul',
    }),
    remplace: z.string().nullable().meta({ description: 'L’uid de celui dont il a pris la place' }),
    remplace_par: z.string().nullable(),
  })
  .meta({ id: 'RendezVousCabinet' });

export const rendezVousCabinetListe = z.array(rendezVousCabinetAnswer);

export const agendaCabinetAnswer = z
  .object({
    vue: z.enum(VUES),
    fuseau_horaire: z.string(),
    jours: z.array(z.iso.date()),
    complet: z.boolean().meta({
      description: `Faux quand la vue en a plus de ${MAX_RENDEZ_VOUS} : seuls les premiers sont là, et ceux d’un praticien se demandent par \`praticien_id\``,
    }),
    rendez_vous: rendezVousCabinetListe,
  })
  .meta({ id: 'AgendaCabinet' });
