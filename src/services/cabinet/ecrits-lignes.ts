import { createHash } from 'node:crypto';
import sql from 'sql-template-tag';
import type { StatutEcrit } from '../../domain/cabinet/ordonnances';
import type { Genre } from './genres-ecrits';
import { type ClePatient, open, type Place } from './sceau';

/**
 * Ordonnances and certificates as they stand in their table, and what holds one that was signed together: sealed under the
 * patient's key, the digests of all that was signed, and what stands clear beside it. Whoever changes a byte of any of it, or puts
 * another row's in its place, is found.
 */

export interface Personne {
  id: number;
  nom: string;
  prenom: string;
}

export interface EcritRow {
  id: number;
  cabinet_id: number;
  patient_id: number;
  genre: Genre;
  auteur_id: number;
  auteur: Personne;
  statut: StatutEcrit;
  contenu: Buffer;
  a_remettre: boolean;
  copie_arabe: boolean;
  date_signature: Date | null;
  signature: Buffer | null;
  date_invalidation: Date | null;
  invalide_par: Personne | null;
  motif_invalidation: Buffer | null;
  date_creation: Date;
  date_modification: Date;
  version: number;
}

export const FROM = sql`medical.ecrits e
  JOIN medical.patients p ON p.cabinet_id = e.cabinet_id AND p.id = e.patient_id
  JOIN users u ON u.id = e.auteur_id`;
export const AUTEUR = sql`json_build_object('id', u.id, 'nom', u.nom, 'prenom', u.prenom) AS auteur`;
/** Of the documents their digests alone: they are read where they are asked for. */
export const ECRIT_ROW = sql`e.id, e.cabinet_id, e.patient_id, e.genre, e.auteur_id, e.statut, e.contenu, e.a_remettre, e.copie_arabe,
  e.date_signature, e.signature, e.date_invalidation, e.motif_invalidation, e.date_creation,
  e.date_modification, e.version`;
export const COLUMNS = sql`${ECRIT_ROW}, ${AUTEUR},
  (SELECT json_build_object('id', v.id, 'nom', v.nom, 'prenom', v.prenom) FROM users v WHERE v.id = e.invalide_par) AS invalide_par`;

/** Where something of an écrit is sealed. */
export function placeOf(
  { id, cabinet_id, patient_id }: Pick<EcritRow, 'id' | 'cabinet_id' | 'patient_id'>,
  champ: 'contenu' | 'pdf' | 'pdf_ar' | 'signature' | 'motif_invalidation',
): Place {
  return { cabinet_id, patient_id, table: 'ecrits', ligne: id, champ };
}

/** What is sealed as `signature`. Digests are SHA-256, in hexadecimal, of what was signed itself: it may be sealed anew. */
export interface Signature {
  signataire: number;
  date: string;
  genre: string;
  a_remettre: boolean;
  copie_arabe: boolean;
  date_creation: string;
  contenu: string;
  document: string;
  document_ar: string | null;
}

/** What of a row is compared with what was signed. */
export type EcritSigne = Omit<EcritRow, 'auteur' | 'invalide_par'>;

/**
 * What was signed of a row, which stands beside it as it did then.
 * @returns null of a draft.
 * @throws {Error} when it does not: it says what differs, and nothing that stands there
 */
export function openSignature(row: EcritSigne, cle: ClePatient): Signature | null {
  if (row.statut === 'brouillon') return null;
  const signe = open(cle, placeOf(row, 'signature'), row.signature!) as Signature;
  const now = {
    signataire: row.auteur_id,
    date: row.date_signature!.toISOString(),
    genre: row.genre,
    a_remettre: row.a_remettre,
    copie_arabe: row.copie_arabe,
    date_creation: row.date_creation.toISOString(),
  };
  const names = Object.keys(now) as (keyof typeof now)[];
  requireSame(
    row,
    names.filter((champ) => now[champ] !== signe[champ]),
  );
  return signe;
}

/** What it says, once it is known to be what was signed. @throws {Error} as {@link openSignature} */
export function openContenu(row: EcritSigne, cle: ClePatient, signe: Signature | null): unknown {
  const contenu = open(cle, placeOf(row, 'contenu'), row.contenu);
  requireSame(row, signe === null || signe.contenu === empreinteDe(contenu) ? [] : ['contenu']);
  return contenu;
}

/** One of its documents. @throws {Error} as {@link openSignature} */
export function openDocument(
  row: EcritSigne,
  cle: ClePatient,
  signe: Signature,
  champ: 'pdf' | 'pdf_ar',
  sealed: Buffer,
): Buffer {
  const octets = Buffer.from(open(cle, placeOf(row, champ), sealed) as string, 'base64');
  const wanted = champ === 'pdf' ? signe.document : signe.document_ar;
  requireSame(row, empreinteOf(octets) === wanted ? [] : [champ]);
  return octets;
}

function requireSame({ id }: Pick<EcritSigne, 'id'>, changed: readonly string[]): void {
  if (changed.length > 0) throw new Error(`Écrit ${id} is not what was signed: ${changed.join(', ')}`);
}

/** SHA-256, in hexadecimal. */
export function empreinteOf(octets: Uint8Array): string {
  return createHash('sha256').update(octets).digest('hex');
}

/** The same of a value, as it is sealed. */
export function empreinteDe(valeur: unknown): string {
  return empreinteOf(Buffer.from(JSON.stringify(valeur)));
}
