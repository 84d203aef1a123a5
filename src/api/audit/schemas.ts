import { z } from 'zod';
import { ROLES } from '../../domain/roles';
import { AUDIT_LIST } from '../../services/audit/audit';
import { csv, id, instantOrDate, pagination, queryId, text } from '../http/schemas';

const filters = {
  entite: csv(text(1, 50)).optional().meta({ description: 'Ressources, comme `intervention`' }),
  entite_id: csv(queryId).optional(),
  action: csv(text(1, 50)).optional().meta({ description: 'Comme `modification`, `connexion`, `refus`' }),
  auteur_id: csv(queryId).optional(),
  cle_api_id: csv(queryId).optional(),
  adresse: csv(text(1, 50)).optional().meta({ description: 'Adresses IP dont les requêtes venaient' }),
  correlation_id: text(1, 200)
    .optional()
    .meta({ description: 'La requête, telle que X-Request-Id la nomme' }),
  date_min: instantOrDate.optional().meta({ description: 'À partir de' }),
  date_max: instantOrDate.optional().meta({ description: 'Jusqu’à, jour compris' }),
};

export const auditExportQuery = z.strictObject(filters);

export const auditQuery = z.strictObject({ ...pagination(AUDIT_LIST.sortable), ...filters });

const fields = z.record(z.string(), z.unknown()).nullable();

export const auditAnswer = z
  .object({
    id: z.int(),
    entite: z.string(),
    entite_id: id.nullable().meta({ description: 'null quand rien de connu n’est concerné' }),
    action: z.string(),
    auteur_id: id.nullable().meta({ description: 'null pour le système, ou quelqu’un d’inconnu' }),
    auteur: z.object({ nom: z.string(), prenom: z.string(), role: z.enum(ROLES) }).nullable(),
    cle_api_id: id.nullable().meta({ description: 'La clé d’une machine qui agit au nom de l’auteur' }),
    adresse: z.string().nullable(),
    date: z.iso.datetime(),
    avant: fields.meta({ description: 'Secrets masqués' }),
    apres: fields.meta({ description: 'Secrets masqués' }),
    correlation_id: z.string().nullable(),
  })
  .meta({ id: 'Audit' });
