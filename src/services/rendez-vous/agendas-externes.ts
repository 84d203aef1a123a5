import sql, { type Sql } from 'sql-template-tag';
import type { Access } from '../../auth/access';
import { AGENDA_EXTERNE_COLUMNS } from '../../auth/columns';
import type { Secrets } from '../../auth/secrets';
import { AgendaExterne } from '../../db/rendez-vous/agendas';
import { type Executor, query, queryOne } from '../../db/sql';
import { invalid, notFound, RegieError, unknownReference } from '../../domain/errors';
import type { GenreAgenda } from '../../domain/rendez-vous/agendas';
import type { ConfirmedUrl } from '../../net/confirmed-url';
import { oneOf } from '../conditions';
import type { Asked } from '../crud';
import { difference, record } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { requireVersion } from '../versions';

/**
 * Calendars that who receives keeps elsewhere. Of an address only the host is ever shown: the rest of a private one is as
 * good as a password. How they are read and written stands in `synchronisation.ts`.
 */

/** A calendar as it is answered: never what opens it. */
export type AgendaExterneRow = Omit<
  AgendaExterne,
  'acces' | 'jeton_synchro' | 'etag' | 'complet_le' | 'reserve_jusqua'
> & {
  /** Appointments that could not be written into it. */
  ecritures_en_echec: number;
};

/** What opens a calendar. */
export interface Acces {
  url: string;
  mot_de_passe: string | null;
}

export interface AgendaExterneChanges {
  nom?: string;
  url?: ConfirmedUrl;
  utilisateur?: string | null;
  mot_de_passe?: string | null;
  ecriture?: boolean;
  actif?: boolean;
}

export interface AgendaExterneFields extends Required<AgendaExterneChanges> {
  intervenant_id: number;
  genre: GenreAgenda;
}

/** Of one person: each is asked every few minutes. */
const MAX_AGENDAS = 10;

const PURPOSE = 'agenda';

const COLUMNS = sql`x.id, x.intervenant_id, x.nom, x.genre, x.hote, x.utilisateur, x.ecriture, x.actif, x.rafraichi_le,
  x.essaye_le, x.erreur, x.erreur_detail,
  (SELECT count(*)::integer FROM evenements_externes w WHERE w.agenda_id = x.id AND w.erreur IS NOT NULL)
    AS ecritures_en_echec,
  x.date_creation, x.date_modification, x.version`;

export const AGENDA_EXTERNE_LIST: ListSpec = {
  columns: COLUMNS,
  from: sql`agendas_externes x JOIN intervenants v ON v.id = x.intervenant_id`,
  alias: 'x',
  sortable: {
    id: { expression: 'x.id', cast: 'integer' },
    nom: { expression: 'x.nom', cast: 'text' },
    date_creation: { expression: 'x.date_creation', cast: 'timestamptz' },
  },
  defaultSort: 'id',
};

export interface AgendaExterneFilters {
  intervenant_id?: number[] | undefined;
  actif?: boolean | undefined;
}

export function listAgendasExternes(
  executor: Executor,
  access: Access,
  { intervenant_id, actif }: AgendaExterneFilters,
  page: PageRequest,
): Promise<Page<AgendaExterneRow>> {
  const conditions: Sql[] = [access.where('read', 'AgendaExterne', AGENDA_EXTERNE_COLUMNS)];
  if (intervenant_id !== undefined) conditions.push(oneOf('x.intervenant_id', intervenant_id));
  if (actif !== undefined) conditions.push(sql`x.actif = ${actif}`);
  return list<AgendaExterneRow>(executor, AGENDA_EXTERNE_LIST, conditions, page);
}

/** @throws {RegieError} `INTROUVABLE` */
export async function readAgendaExterne(
  executor: Executor,
  access: Access,
  id: number,
): Promise<AgendaExterneRow> {
  const row = await queryOne<AgendaExterneRow>(
    executor,
    sql`SELECT ${COLUMNS} FROM ${AGENDA_EXTERNE_LIST.from}
        WHERE x.id = ${id} AND ${access.where('read', 'AgendaExterne', AGENDA_EXTERNE_COLUMNS)}`,
  );
  if (row === null) throw notFound();
  return row;
}

interface Owner {
  intervenant: { site_id: number | null; user_id: number };
}

/** Whose it is, whom nobody changes until the transaction ends. */
async function lockOwner({ tx }: Pick<Asked, 'tx'>, intervenantId: number): Promise<Owner | null> {
  const row = await queryOne<Owner['intervenant']>(
    tx,
    sql`SELECT site_id, user_id FROM intervenants WHERE id = ${intervenantId} FOR NO KEY UPDATE`,
  );
  return row && { intervenant: { site_id: row.site_id, user_id: row.user_id } };
}

/** @throws {RegieError} `VALIDATION`, `INTERDIT`, `LIMITE_ATTEINTE` */
export async function createAgendaExterne(
  { tx, access, actor }: Asked,
  secrets: Secrets,
  { url, mot_de_passe, ...fields }: AgendaExterneFields,
): Promise<AgendaExterneRow> {
  const owner = await lockOwner({ tx }, fields.intervenant_id);
  await access.confirm(tx);
  if (owner === null) throw unknownReference('intervenant_id');
  access.require('create', 'AgendaExterne', owner);
  requireSense(fields, mot_de_passe !== null);
  await requireRoom({ tx }, fields.intervenant_id);
  await requireOneWritten({ tx }, fields.intervenant_id, fields.ecriture, null);
  const hote = new URL(url.href).host;
  // What it is sealed for is the id, which is known only then.
  const inserted = await tx.insert(AgendaExterne, { ...fields, hote, acces: Buffer.alloc(0) });
  const id = inserted.identifiers[0]!.id as number;
  const acces = sealAcces(secrets, id, { url: url.href, mot_de_passe });
  await query(tx, sql`UPDATE agendas_externes SET acces = ${acces} WHERE id = ${id}`);
  await record(tx, actor, {
    entite: 'agenda_externe',
    entiteId: id,
    action: 'creation',
    apres: { ...fields, hote },
  });
  return readAgendaExterne(tx, access, id);
}

/**
 * Changes what is given. Of another address, user or password everything is read anew; until then what was known counts.
 * @param expected version named by the caller, or null.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `VALIDATION`
 */
export async function updateAgendaExterne(
  asked: Asked,
  secrets: Secrets,
  id: number,
  { url, mot_de_passe, ...rest }: AgendaExterneChanges,
  expected: number | null,
): Promise<AgendaExterneRow> {
  const { tx, access, actor } = asked;
  const { row, owner, sealed } = await lock(asked, id);
  access.require('update', 'AgendaExterne', owner);
  requireVersion(row, expected);
  const isOpenedAnew = url !== undefined || mot_de_passe !== undefined;
  const opened = isOpenedAnew ? changedAcces(secrets, id, sealed, { url: url?.href, mot_de_passe }) : null;
  const changes = { ...rest, ...(opened === null ? {} : { hote: new URL(opened.url).host }) };
  const { avant, apres } = difference(row, changes);
  if (Object.keys(apres).length === 0 && !isOpenedAnew) return row;
  const changed = { ...row, ...rest };
  requireSense(changed, opened === null ? row.utilisateur !== null : opened.mot_de_passe !== null);
  await requireOneWritten(asked, row.intervenant_id, changed.ecriture, id);
  const isElsewhere = url !== undefined || 'utilisateur' in apres;
  await tx.update(
    AgendaExterne,
    { id },
    {
      ...apres,
      ...(opened === null ? {} : { acces: sealAcces(secrets, id, opened) }),
      ...(isElsewhere ? { jeton_synchro: null, etag: null, complet_le: null } : {}),
      // It is asked again at once.
      essaye_le: null,
      date_modification: actor.now,
    },
  );
  // What was written there is out of our reach.
  if (isElsewhere) await query(tx, sql`DELETE FROM evenements_externes WHERE agenda_id = ${id}`);
  await record(tx, actor, {
    entite: 'agenda_externe',
    entiteId: id,
    action: 'modification',
    avant,
    apres: { ...apres, ...(isOpenedAnew ? { acces: 'change' } : {}) },
  });
  return readAgendaExterne(tx, access, id);
}

/**
 * Forgets a calendar: its owner can be booked again when it alone said that they are busy. What was written into it stays
 * there.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`
 */
export async function deleteAgendaExterne(asked: Asked, id: number): Promise<void> {
  const { tx, access, actor } = asked;
  const { row, owner } = await lock(asked, id);
  access.require('delete', 'AgendaExterne', owner);
  await tx.delete(AgendaExterne, { id });
  const { intervenant_id, nom, genre, hote, utilisateur } = row;
  await record(tx, actor, {
    entite: 'agenda_externe',
    entiteId: id,
    action: 'suppression',
    avant: { intervenant_id, nom, genre, hote, utilisateur },
  });
}

async function lock(
  { tx, access }: Asked,
  id: number,
): Promise<{ row: AgendaExterneRow; owner: Owner; sealed: Buffer }> {
  // In the order in which one is made: who receives first.
  const found = await queryOne<{ intervenant_id: number }>(
    tx,
    sql`SELECT intervenant_id FROM agendas_externes WHERE id = ${id}`,
  );
  const owner = found && (await lockOwner({ tx }, found.intervenant_id));
  const sealed = await queryOne<{ acces: Buffer }>(
    tx,
    sql`SELECT acces FROM agendas_externes WHERE id = ${id} FOR UPDATE`,
  );
  await access.confirm(tx);
  const row = await readAgendaExterne(tx, access, id);
  if (owner === null || sealed === null) throw notFound();
  return { row, owner, sealed: sealed.acces };
}

/** @throws {RegieError} `VALIDATION` */
function requireSense(
  { genre, utilisateur, ecriture }: Pick<AgendaExterne, 'genre' | 'utilisateur' | 'ecriture'>,
  hasPassword: boolean,
): void {
  if ((utilisateur !== null) !== hasPassword || (genre === 'caldav' && utilisateur === null)) {
    throw invalid({
      champ: utilisateur === null ? 'utilisateur' : 'mot_de_passe',
      message: {
        fr: 'L’un ne va pas sans l’autre, et CalDAV demande les deux',
        en: 'One does not go without the other, and CalDAV asks for both',
      },
    });
  }
  if (ecriture && genre !== 'caldav') {
    const message = { fr: 'Seul CalDAV permet d’écrire', en: 'Only CalDAV can be written to' };
    throw invalid({ champ: 'ecriture', message });
  }
}

/** What of it is not given stays, and is only then opened. */
function changedAcces(
  secrets: Secrets,
  id: number,
  sealed: Buffer,
  { url, mot_de_passe }: { url: string | undefined; mot_de_passe: string | null | undefined },
): Acces {
  if (url !== undefined && mot_de_passe !== undefined) return { url, mot_de_passe };
  const former = openAcces(secrets, id, sealed);
  return {
    url: url ?? former.url,
    mot_de_passe: mot_de_passe === undefined ? former.mot_de_passe : mot_de_passe,
  };
}

/** @throws {RegieError} `LIMITE_ATTEINTE` */
async function requireRoom({ tx }: Pick<Asked, 'tx'>, intervenantId: number): Promise<void> {
  const row = await queryOne<{ total: number }>(
    tx,
    sql`SELECT count(*)::integer AS total FROM agendas_externes WHERE intervenant_id = ${intervenantId}`,
  );
  if (row!.total < MAX_AGENDAS) return;
  throw new RegieError('LIMITE_ATTEINTE', {
    detail: {
      fr: `Au plus ${MAX_AGENDAS} agendas par personne`,
      en: `At most ${MAX_AGENDAS} calendars a person`,
    },
    extensions: { limite: MAX_AGENDAS },
  });
}

/** What is booked is written to one calendar of theirs. @throws {RegieError} `VALIDATION` */
async function requireOneWritten(
  { tx }: Pick<Asked, 'tx'>,
  intervenantId: number,
  ecriture: boolean,
  id: number | null,
): Promise<void> {
  if (!ecriture) return;
  const other = await queryOne(
    tx,
    sql`SELECT id FROM agendas_externes
        WHERE intervenant_id = ${intervenantId} AND ecriture AND id IS DISTINCT FROM ${id}::integer`,
  );
  if (other === null) return;
  const message = {
    fr: 'Les rendez-vous sont déjà écrits dans un autre agenda de cette personne',
    en: 'Appointments are written to another calendar of this person already',
  };
  throw invalid({ champ: 'ecriture', message });
}

function sealAcces(secrets: Secrets, id: number, acces: Acces): Buffer {
  return secrets.seal(PURPOSE, String(id), Buffer.from(JSON.stringify(acces)));
}

/**
 * What opens a calendar.
 * @throws {Error} when it was sealed with a key that is here no more.
 */
export function openAcces(secrets: Secrets, id: number, sealed: Buffer): Acces {
  return JSON.parse(secrets.open(PURPOSE, String(id), sealed).toString()) as Acces;
}

/** Seals anew what was sealed with a key that is not the first one any more, so that it passes to a new key by itself. */
export async function renewAgendaSeals(executor: Executor, secrets: Secrets): Promise<void> {
  const rows = await query<{ id: number; acces: Buffer }>(
    executor,
    sql`SELECT id, acces FROM agendas_externes`,
  );
  for (const { id, acces } of rows) {
    const key = secrets.keyOf(acces);
    if (key === secrets.current || !secrets.holds(key)) continue;
    const renewed = sealAcces(secrets, id, openAcces(secrets, id, acces));
    // Unless it has been replaced meanwhile.
    await query(
      executor,
      sql`UPDATE agendas_externes SET acces = ${renewed} WHERE id = ${id} AND acces = ${acces}`,
    );
  }
}
