import { z } from 'zod';
import { PARTIES, STATUTS_CONSULTATION } from '../../domain/cabinet/consultations';
import { NATURES_DEMANDE, STATUTS_DEMANDE } from '../../domain/cabinet/demandes-droits';
import { type EtatAllergies, type Nature, statutsOf } from '../../domain/cabinet/elements';
import { SEXES } from '../../domain/cabinet/identites';
import { ANNULE_PAR, STATUTS_RENDEZ_VOUS_CABINET } from '../../domain/cabinet/rendez-vous';
import { STATUTS_ATTENTE } from '../../domain/rendez-vous/attente';
import { FONCTIONS } from '../../domain/roles';
import { ACTIONS_ACCES } from '../../services/cabinet/acces';
import { LUS_ENSEMBLE } from '../../services/cabinet/elements';
import { MES_RENDEZ_VOUS_LIST, MON_ACCES_LIST, PERIODES } from '../../services/cabinet/mon';
import { MES_ATTENTES_LIST } from '../../services/cabinet/mon-attente';
import { MES_CONSULTATIONS_LIST } from '../../services/cabinet/mon-consultations';
import { MES_DEMANDES_LIST } from '../../services/cabinet/mon-copies';
import { contenuAnswer } from '../http/elements';
import { uid } from '../http/rendez-vous';
import { id, pagination, queryId, text } from '../http/schemas';

const ETATS_ALLERGIES = ['connues', 'aucune_connue', 'non_renseignees'] as const satisfies EtatAllergies[];

/** What is in entries of a kind, as their patient reads it. */
const entries = (nature: Nature) =>
  z.array(z.object({ id: z.int(), ...contenuAnswer(nature), date_effet: z.iso.datetime() }));

/** A practice, and how it is reached. */
const cabinet = { id, nom: z.string(), adresse: z.string().nullable(), telephone: z.string().nullable() };

export const monDossierAnswer = z.array(
  z
    .object({
      patient_id: id,
      cabinet: z.object(cabinet),
      nom_naissance: z.string(),
      nom_usage: z.string().nullable(),
      prenoms: z.string(),
      sexe: z.enum(SEXES),
      date_naissance: z.string(),
      date_deces: z.iso.date().nullable().meta({ description: 'Ce que le cabinet en a noté' }),
      partage_cabinet: z.boolean(),
      telephone: z.string().nullable(),
      email: z.string().nullable(),
      adresse: z.string().nullable(),
      profession: z.string().nullable(),
      etat_allergies: z.enum(ETATS_ALLERGIES),
      allergies: entries('allergie'),
      traitements: entries('traitement'),
      antecedents: entries('antecedent').meta({ description: 'Sans ce qui fut appris d’un tiers' }),
      constantes: entries('constante').meta({ description: `Les ${LUS_ENSEMBLE} dernières` }),
      couvertures: entries('couverture'),
      consentements: entries('consentement'),
    })
    .meta({ id: 'MonDossier' }),
);

export const monAccesQuery = z.strictObject({
  ...pagination(MON_ACCES_LIST.sortable),
  patient_id: queryId.optional(),
});

export const monAccesAnswer = z
  .object({
    id: z.int(),
    patient_id: id,
    cabinet: z.object({ id, nom: z.string() }),
    date: z.iso.datetime(),
    auteur: z.object({ nom: z.string(), prenom: z.string() }),
    fonctions: z.array(z.enum(FONCTIONS)).meta({ description: 'Vide pour le patient lui-même' }),
    action: z.enum(ACTIONS_ACCES),
    categories: z.array(z.string()),
    finalite: z.string(),
    bris_de_glace: z.boolean().meta({ description: 'Ouvert en urgence, bien que non partagé' }),
  })
  .meta({ id: 'MonAcces' });

const instant = z.iso.datetime();

export const mesRendezVousQuery = z.strictObject({
  ...pagination(MES_RENDEZ_VOUS_LIST.sortable),
  patient_id: queryId.optional(),
  periode: z.enum(PERIODES).optional().meta({ description: 'À venir jusqu’à leur fin' }),
});

export const monRendezVousAnswer = z
  .object({
    uid: z.string(),
    patient_id: id,
    cabinet: z.object({ ...cabinet, fuseau_horaire: z.string() }),
    praticien: z.object({ nom: z.string(), prenom: z.string() }),
    debut: instant,
    fin: instant,
    statut: z.enum(STATUTS_RENDEZ_VOUS_CABINET),
    motif: z.string().nullable().meta({ description: 'Pourquoi l’on vient, tel que noté' }),
    annule_le: instant.nullable(),
    annule_par: z.enum(ANNULE_PAR).nullable(),
  })
  .meta({ id: 'MonRendezVous' });

export const monRendezVousParams = z.strictObject({ uid });

export const mesAttentesQuery = z.strictObject({
  ...pagination(MES_ATTENTES_LIST.sortable),
  patient_id: queryId.optional(),
});

export const monAttenteAnswer = z
  .object({
    id,
    patient_id: id,
    cabinet: z.object({ id, nom: z.string(), telephone: z.string().nullable(), fuseau_horaire: z.string() }),
    date_debut: z.iso.date(),
    date_fin: z.iso.date(),
    heure_debut: z.string().nullable(),
    heure_fin: z.string().nullable(),
    statut: z.enum(STATUTS_ATTENTE),
    offre: z
      .object({
        rendez_vous: z.string(),
        debut: instant,
        fin: instant,
        praticien: z.object({ nom: z.string(), prenom: z.string() }),
        expire_le: instant,
      })
      .nullable()
      .meta({ description: 'Ce qui est gardé pour soi, jusqu’à quand' }),
    date_creation: instant,
  })
  .meta({ id: 'MonAttente' });
export const mesConsultationsQuery = z.strictObject({
  ...pagination(MES_CONSULTATIONS_LIST.sortable),
  patient_id: queryId.optional(),
});

/** What was measured or found in a consultation, as its patient reads it. */
const found = (nature: 'constante' | 'diagnostic') =>
  z.array(
    z.object({
      id: z.int(),
      ...contenuAnswer(nature),
      date_effet: instant,
      statut: z.enum(statutsOf(nature)).meta({ description: 'erreur : ne vaut pas' }),
    }),
  );
const nomme = z.object({ nom: z.string(), prenom: z.string() });
const ajoute = { auteur: nomme, date: instant };

export const maConsultationAnswer = z
  .object({
    id,
    patient_id: id,
    cabinet: z.object(cabinet),
    auteur: nomme,
    date: instant,
    statut: z.enum(STATUTS_CONSULTATION).extract(['signee', 'invalidee']),
    ...Object.fromEntries(PARTIES.map((one) => [one, z.string().nullable()])),
    constantes: found('constante'),
    diagnostics: found('diagnostic'),
    signee_le: instant,
    publiee_le: instant,
    addenda: z.array(z.object({ ...ajoute, texte: z.string() })),
    invalidation: z
      .object({ ...ajoute, motif: z.string() })
      .nullable()
      .meta({ description: 'Elle ne vaut pas, et pourquoi ; ce qui y est écrit reste montré' }),
  })
  .meta({ id: 'MaConsultation' });

export const mesDemandesQuery = z.strictObject({
  ...pagination(MES_DEMANDES_LIST.sortable),
  patient_id: queryId.optional(),
});

export const copieBody = z.strictObject({
  patient_id: id
    .optional()
    .meta({ description: 'À préciser dès que plusieurs cabinets connaissent ce compte' }),
});

export const maDemandeAnswer = z
  .object({
    id,
    patient_id: id,
    cabinet: z.object({ id, nom: z.string() }),
    nature: z.enum(NATURES_DEMANDE),
    statut: z.enum(STATUTS_DEMANDE),
    recue_le: instant,
    pas_avant: instant.nullable().meta({ description: 'Une copie n’est pas remise avant' }),
    echeance: instant.meta({ description: 'Jusqu’à quand il y est répondu' }),
    repondue_le: instant.nullable(),
  })
  .meta({ id: 'MaDemande' });

export const codeAnswer = z
  .object({ code: z.string(), date_expiration: z.iso.datetime() })
  .meta({ id: 'CodeLiaison' });

export const compteBody = z.strictObject({
  code: text(1, 40).meta({ description: 'Celui que montre le compte du patient (`GET /mon/code`)' }),
});

export const compteAnswer = z.object({ id, compte: z.boolean() }).meta({ id: 'ComptePatient' });
