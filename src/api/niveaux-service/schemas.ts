import { z } from 'zod';
import { CALENDRIERS, DESTINATAIRES, MAX_MOTIFS, MAX_PALIERS } from '../../domain/parc/niveaux';
import { NIVEAU_LIST } from '../../services/parc/niveaux';
import { pagination, resourceFields, text } from '../http/schemas';

const delai = z
  .string()
  .max(12)
  .meta({
    description:
      'Une durée qui compte, `PT4H` ou `PT1H30M`, ou des jours de travail, `P2D`, de huit heures chacun et seulement en ' +
      'heures ouvrées',
  });
const calendrier = z
  .enum(CALENDRIERS)
  .meta({ description: '`continu` : jour et nuit ; `ouvre` : les heures ouvrées du site' });

const delais = z.strictObject({
  affectation: delai,
  demarrage: delai.meta({ description: 'Après l’heure prévue de la visite' }),
  resolution: delai,
  calendrier: calendrier.optional().meta({ description: 'De cette priorité seule ; sinon celui du niveau' }),
});

const parPriorite = z.strictObject({ critique: delais, haute: delais, normale: delais, basse: delais });

const palier = z.strictObject({
  a: z
    .string()
    .max(12)
    .meta({
      description:
        'Avant l’échéance : `-25%` quand il reste un quart du temps, `-PT30M` ; quand elle passe : `+0` ; après : `+PT1H`, ' +
        '`+50%` du délai',
    }),
  destinataires: z.array(z.enum(DESTINATAIRES)).min(1).max(DESTINATAIRES.length),
});

const motif = z.strictObject({ motif: text(1, 100), arrete_horloge: z.boolean() });

const fields = {
  nom: text(1, 100),
  calendrier,
  delais: parPriorite,
  niveaux: z.array(palier).min(1).max(MAX_PALIERS),
  attente_motifs: z
    .array(motif)
    .max(MAX_MOTIFS)
    .meta({ description: 'Ce qu’on peut attendre d’autre que des pièces, qui arrêtent toujours l’horloge' }),
};

export const niveauBody = z.strictObject({ ...fields, attente_motifs: fields.attente_motifs.default([]) });

export const niveauChanges = z.strictObject(fields).partial();

export const niveauQuery = z.strictObject(pagination(NIVEAU_LIST.sortable));

const delaisAnswer = z.object({
  affectation: z.string(),
  demarrage: z.string(),
  resolution: z.string(),
  calendrier: z.enum(CALENDRIERS).optional(),
});

export const niveauAnswer = z
  .object({
    ...resourceFields,
    nom: z.string(),
    calendrier: z.enum(CALENDRIERS),
    delais: z.object({
      critique: delaisAnswer,
      haute: delaisAnswer,
      normale: delaisAnswer,
      basse: delaisAnswer,
    }),
    niveaux: z.array(z.object({ a: z.string(), destinataires: z.array(z.enum(DESTINATAIRES)) })),
    attente_motifs: z.array(z.object({ motif: z.string(), arrete_horloge: z.boolean() })),
  })
  .meta({ id: 'NiveauService' });
