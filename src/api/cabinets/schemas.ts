import { z } from 'zod';
import { isZone } from '../../domain/local-time';
import { FONCTIONS } from '../../domain/roles';
import { CABINET_LIST, MEMBRE_LIST, PRATICIEN_LIST } from '../../services/cabinet/cabinets';
import { jour, pays } from '../http/lieux';
import {
  csv,
  email,
  id,
  idParam,
  pagination,
  paragraphs,
  plainName,
  queryBoolean,
  queryId,
  resourceFields,
  telephone,
  text,
} from '../http/schemas';
import { texte } from '../http/validation';

const cabinet = {
  nom: plainName(100),
  adresse: paragraphs(1, 500).nullable(),
  telephone: telephone.nullable(),
  fuseau_horaire: z
    .string()
    .max(64)
    .refine(isZone, texte('Fuseau horaire inconnu', 'Unknown time zone'))
    .meta({ description: 'Dont sont ses jours ; celui de la maison si absent' }),
  pays: pays.meta({ description: 'Des numéros de téléphone sans indicatif' }),
  actif: z.boolean().meta({ description: 'À false, personne n’en est plus membre' }),
};

export const cabinetBody = z.strictObject({
  ...cabinet,
  adresse: cabinet.adresse.default(null),
  telephone: cabinet.telephone.default(null),
  fuseau_horaire: cabinet.fuseau_horaire.optional(),
  pays: cabinet.pays.default('MA'),
  actif: cabinet.actif.default(true),
});

export const cabinetChanges = z.strictObject(cabinet).partial();

export const cabinetQuery = z.strictObject({
  ...pagination(CABINET_LIST.sortable),
  actif: queryBoolean.optional(),
});

export const cabinetAnswer = z
  .object({
    ...resourceFields,
    nom: z.string(),
    adresse: z.string().nullable(),
    telephone: z.string().nullable(),
    fuseau_horaire: z.string(),
    pays: z.string(),
    actif: z.boolean(),
  })
  .meta({ id: 'Cabinet' });

export const membreParams = idParam.extend({ membre_id: idParam.shape.id });
export const praticienParams = idParam.extend({ praticien_id: idParam.shape.id });

const membre = {
  user_id: id.meta({ description: 'Un compte du personnel ; jamais celui d’un client' }),
  fonction: z.enum(FONCTIONS),
  date_debut: jour.meta({ description: 'Premier jour, au fuseau du cabinet' }),
  date_fin: jour.nullable().meta({ description: 'Dernier jour ; null tant qu’il n’est pas dit' }),
};

export const membreBody = z.strictObject({ ...membre, date_fin: membre.date_fin.default(null) });

/** Another function is another membership: what somebody was stays on record. */
export const membreChanges = z
  .strictObject({ date_debut: membre.date_debut, date_fin: membre.date_fin })
  .partial();

export const membreQuery = z.strictObject({
  ...pagination(MEMBRE_LIST.sortable),
  fonction: csv(z.enum(FONCTIONS)).optional(),
  user_id: csv(queryId).optional(),
});

const somebody = z.object({ nom: z.string(), prenom: z.string() });

export const membreAnswer = z
  .object({
    ...resourceFields,
    cabinet_id: id,
    user_id: id,
    user: somebody,
    fonction: z.enum(FONCTIONS),
    date_debut: z.iso.date(),
    date_fin: z.iso.date().nullable(),
  })
  .meta({ id: 'MembreCabinet' });

const numero = text(1, 30).nullable();
const praticien = {
  user_id: id.meta({ description: 'Un membre, médecin ou remplaçant' }),
  titre: text(1, 50).nullable(),
  specialite: text(1, 100).nullable(),
  inpe: numero.meta({ description: 'Identifiant national, au Maroc' }),
  rpps: numero.meta({ description: 'Identifiant national, en France' }),
  numero_ordre: numero,
  email: email.nullable().meta({ description: 'Professionnel, imprimé sur ce qu’il signe' }),
  telephone: telephone.nullable().meta({ description: 'Celui du cabinet si absent' }),
  actif: z.boolean(),
};

export const praticienBody = z.strictObject({
  user_id: praticien.user_id,
  titre: praticien.titre.default(null),
  specialite: praticien.specialite.default(null),
  inpe: praticien.inpe.default(null),
  rpps: praticien.rpps.default(null),
  numero_ordre: praticien.numero_ordre.default(null),
  email: praticien.email.default(null),
  telephone: praticien.telephone.default(null),
  actif: praticien.actif.default(true),
});

export const praticienChanges = z.strictObject(praticien).omit({ user_id: true }).partial();

export const praticienQuery = z.strictObject({
  ...pagination(PRATICIEN_LIST.sortable),
  actif: queryBoolean.optional(),
});

export const praticienAnswer = z
  .object({
    ...resourceFields,
    cabinet_id: id,
    user_id: id,
    user: somebody,
    titre: z.string().nullable(),
    specialite: z.string().nullable(),
    inpe: z.string().nullable(),
    rpps: z.string().nullable(),
    numero_ordre: z.string().nullable(),
    email: z.string().nullable(),
    telephone: z.string().nullable(),
    actif: z.boolean(),
  })
  .meta({ id: 'Praticien' });
