import { z } from 'zod';
import { JUSTIFICATIFS, SEXES, STATUTS_IDENTITE, TYPES_IDENTIFIANT } from '../../domain/cabinet/identites';
import { FONCTIONS } from '../../domain/roles';
import { ACCES_LIST, ACTIONS_ACCES } from '../../services/cabinet/acces';
import { RAISONS } from '../../services/cabinet/doublons';
import { PATIENT_LIST } from '../../services/cabinet/patients';
import { patientTrouve } from '../http/patients';
import {
  csv,
  email,
  id,
  pagination,
  paragraphs,
  personName,
  queryBoolean,
  queryId,
  resourceFields,
  telephone,
  text,
} from '../http/schemas';
import { texte } from '../http/validation';

/** A day, a month or a year, in no time zone. */
const naissance = z
  .string()
  .regex(
    /^\d{4}(-\d{2}(-\d{2})?)?$/,
    texte('Date attendue : 1962-03-14, 1962-03 ou 1962', 'A date is expected: 1962-03-14, 1962-03 or 1962'),
  )
  .meta({
    description: 'Aussi loin qu’elle est connue : `1962-03-14`, `1962-03` ou `1962` ; jamais un instant',
  });

const identifiant = z.strictObject({
  type: z.enum(TYPES_IDENTIFIANT),
  valeur: text(1, 50),
});

const fields = {
  nom_naissance: personName,
  nom_usage: personName.nullable(),
  prenoms: personName,
  sexe: z.enum(SEXES).meta({ description: 'F, M, ou I tant qu’il n’est pas déterminé' }),
  date_naissance: naissance,
  lieu_naissance: text(1, 100).nullable(),
  statut_identite: z.enum(STATUTS_IDENTITE).meta({
    description:
      'provisoire ; validee : une pièce a été vue ; recuperee : matricule INS obtenu ; qualifiee : les deux. ' +
      'Un trait qui change (nom de naissance, prénoms, sexe, date ou lieu de naissance) la rend provisoire.',
  }),
  justificatif: z.enum(JUSTIFICATIFS).nullable().meta({ description: 'La pièce qui a été vue' }),
  partage_cabinet: z.boolean().meta({ description: 'Si les autres médecins du cabinet lisent son dossier' }),
  actif: z.boolean(),
  telephone: telephone.nullable(),
  email: email.meta({ description: 'Scellé' }).nullable(),
  adresse: paragraphs(1, 500).nullable(),
  profession: text(1, 100).nullable(),
  identifiants: z.array(identifiant).max(20).meta({ description: 'Scellés ; trouvés par leur empreinte' }),
};

export const patientBody = z.strictObject({
  cabinet_id: id
    .nullable()
    .default(null)
    .meta({ description: 'Superflu pour qui n’est membre que d’un cabinet' }),
  ...fields,
  nom_usage: fields.nom_usage.default(null),
  lieu_naissance: fields.lieu_naissance.default(null),
  statut_identite: fields.statut_identite.default('provisoire'),
  justificatif: fields.justificatif.default(null),
  partage_cabinet: fields.partage_cabinet.default(true),
  actif: fields.actif.default(true),
  telephone: fields.telephone.default(null),
  email: fields.email.default(null),
  adresse: fields.adresse.default(null),
  profession: fields.profession.default(null),
  identifiants: fields.identifiants.default([]),
});

export const patientChanges = z
  .strictObject({
    ...fields,
    date_deces: z.iso
      .date()
      .nullable()
      .meta({
        description:
          'Un jour, ni avant la naissance ni après celui du cabinet ; `null` le corrige. Dès lors rien n’est plus écrit au patient, et ' +
          'ses rendez-vous à venir sont dits `a_annuler`.',
      }),
  })
  .partial();

export const patientQuery = z.strictObject({
  ...pagination(PATIENT_LIST.sortable),
  cabinet_id: csv(queryId).optional(),
  statut_identite: csv(z.enum(STATUTS_IDENTITE)).optional(),
  actif: queryBoolean.optional(),
  fusionne: queryBoolean
    .optional()
    .meta({ description: 'true : ceux qui ont été fusionnés dans un autre, qui ne sont pas listés sinon' }),
});

const fusionneDansId = id
  .nullable()
  .meta({ description: 'Le patient dans lequel il a été fusionné : on le lit et l’écrit là' });

export const fusionBody = z.strictObject({
  avec: id.meta({ description: 'Le doublon, dont tout passe au patient du chemin' }),
});

export const patientListAnswer = z
  .object({
    ...resourceFields,
    cabinet_id: id,
    statut_identite: z.enum(STATUTS_IDENTITE),
    actif: z.boolean(),
    fusionne_dans_id: fusionneDansId,
  })
  .meta({ id: 'PatientListe' });

export const patientAnswer = z
  .object({
    ...resourceFields,
    ...patientTrouve,
    lieu_naissance: z.string().nullable(),
    justificatif: z.enum(JUSTIFICATIFS).nullable(),
    partage_cabinet: z.boolean(),
    fusionne_dans_id: fusionneDansId,
    compte: z.boolean().meta({ description: 'S’il a un compte, par lequel il lit ce qui est à lui' }),
    telephone: z.string().nullable(),
    email: z.string().nullable(),
    adresse: z.string().nullable(),
    profession: z.string().nullable(),
    identifiants: z.array(z.object({ type: z.enum(TYPES_IDENTIFIANT), valeur: z.string() })),
  })
  .meta({ id: 'Patient' });

export const rechercheBody = z.strictObject({
  q: text(1, 200)
    .optional()
    .meta({ description: 'Noms et prénoms, dans tout ordre, sans accents, à une faute près' }),
  date_naissance: naissance.optional(),
  identifiant: text(1, 254)
    .optional()
    .meta({ description: 'Un numéro de tout type, un téléphone ou un email' }),
  cabinet_id: id.optional(),
});

export const rechercheAnswer = z.array(z.object(patientTrouve).meta({ id: 'PatientTrouve' }));

export const doublonsAnswer = z.array(
  z
    .object({
      ...patientTrouve,
      raisons: z.array(z.enum(RAISONS)).meta({ description: 'Ce qui est commun aux deux' }),
    })
    .meta({ id: 'Doublon' }),
);

export const accesQuery = z.strictObject({
  ...pagination(ACCES_LIST.sortable),
  action: z.enum(ACTIONS_ACCES).optional(),
});

export const accesAnswer = z
  .object({
    id: z.int(),
    date: z.iso.datetime(),
    auteur: z.object({ nom: z.string(), prenom: z.string() }),
    fonctions: z
      .array(z.enum(FONCTIONS))
      .meta({ description: 'Ce que la personne faisait alors au cabinet' }),
    action: z.enum(ACTIONS_ACCES),
    categories: z.array(z.string()),
    requete: z.string(),
    nombre: z.int().meta({ description: 'Patients dans la même réponse' }),
    finalite: z.string().meta({
      description:
        'HL7 v3 PurposeOfUse : TREAT (soins), ETREAT (urgence), HOPERAT (gestion), HPAYMT (règlement), PATRQT (à la demande du patient)',
    }),
    bris_de_glace_id: z.int().nullable().meta({ description: 'Par lequel le dossier était ouvert' }),
  })
  .meta({ id: 'AccesDossier' });
