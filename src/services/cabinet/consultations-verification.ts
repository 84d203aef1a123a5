import sql, { raw } from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import type { Secrets } from '../../auth/secrets';
import { empreinteActeSql, ORIGINE_ACCES } from '../../db/cabinet/empreintes';
import { openAdministration } from '../../db/medical';
import { query } from '../../db/sql';
import type { Tete } from '../audit/checkpoints';
import { type ChainedRow, type ChainFault, checkEnds, checkRow } from '../audit/verification';
import {
  type ActeRow,
  COLUMNS,
  type ConsultationRow,
  empreinteObjet,
  empreinteOf,
  FROM,
  openNote,
  openNotes,
  placeOfActe,
  readActes,
  requireIntact,
  type Signature,
} from './consultations-lignes';
import { lireElementsOf } from './elements';
import { type ClePatient, open, openClesPatient } from './sceau';
import { inCabinet } from './transactions';

/**
 * Finds consultations that are not what was signed, and acts that were changed or taken away. It names where they stand, and
 * nothing that stands there.
 */

export type ConsultationFault = { cabinet_id: number } & (
  | { what: 'acts'; fault: ChainFault }
  /** What differs, or does not open. */
  | { what: 'consultation'; id: number; fault: string }
);

const BATCH = 500;

/** Checks every consultation of every practice, and the chain of what was done to them. */
export async function verifyConsultations(
  medical: DataSource,
  secrets: Secrets,
  report: (fault: ConsultationFault) => void,
): Promise<{ consultations: number; actes: number }> {
  const checked = { consultations: 0, actes: 0 };
  for (const cabinet_id of await medical.transaction(openAdministration)) {
    checked.actes += await inCabinet(medical, cabinet_id, (tx) =>
      verifyChain(tx, cabinet_id, (fault) => report({ cabinet_id, what: 'acts', fault })),
    );
    for (let after = 0, full = true; full; ) {
      const ids = await inCabinet(medical, cabinet_id, (tx) =>
        verifyPage(tx, secrets, { cabinet_id, after }, (id, fault) =>
          report({ cabinet_id, what: 'consultation', id, fault }),
        ),
      );
      checked.consultations += ids.length;
      full = ids.length === BATCH;
      after = ids.at(-1) ?? after;
    }
  }
  return checked;
}

async function verifyChain(
  tx: EntityManager,
  cabinetId: number,
  report: (fault: ChainFault) => void,
): Promise<number> {
  const before = await heads(tx, cabinetId);
  let end: Tete = { chaine: 1, rang: 0, empreinte: ORIGINE_ACCES };
  let rows = 0;
  for (;;) {
    const page = await query<ChainedRow>(
      tx,
      sql`SELECT a.id, a.chaine, a.rang, encode(a.empreinte, 'hex') AS empreinte,
            encode(a.empreinte_precedente, 'hex') AS empreinte_precedente,
            a.empreinte = ${raw(empreinteActeSql('a'))} AS intact
          FROM medical.actes_consultation a WHERE a.cabinet_id = ${cabinetId} AND a.rang > ${end.rang}
          ORDER BY a.rang LIMIT ${BATCH}`,
    );
    for (const row of page) {
      checkRow(row, end, report);
      const head = before.get(1);
      if (head?.rang === row.rang && head.empreinte !== row.empreinte)
        report({ fault: 'head moved', chaine: 1 });
      end = { chaine: 1, rang: row.rang, empreinte: row.empreinte ?? '' };
    }
    rows += page.length;
    if (page.length < BATCH) break;
  }
  checkEnds(new Map(rows > 0 ? [[1, end]] : []), before, await heads(tx, cabinetId), report);
  return rows;
}

async function heads(tx: EntityManager, cabinetId: number): Promise<Map<number, Tete>> {
  const found = await query<Tete>(
    tx,
    sql`SELECT 1 AS chaine, rang, encode(empreinte, 'hex') AS empreinte FROM medical.actes_chaines
        WHERE cabinet_id = ${cabinetId}`,
  );
  return new Map(found.map((head) => [1, head]));
}

/** @returns the ids that were looked at. */
async function verifyPage(
  tx: EntityManager,
  secrets: Secrets,
  { cabinet_id, after }: { cabinet_id: number; after: number },
  report: (id: number, fault: string) => void,
): Promise<number[]> {
  const rows = await query<ConsultationRow & { a_cle: boolean; dite_le: Date | null }>(
    tx,
    sql`SELECT ${COLUMNS}, medical.publiee_le(s.cabinet_id, s.id) AS dite_le, EXISTS (SELECT FROM medical.cles_patient k
            WHERE k.cabinet_id = s.cabinet_id AND k.patient_id = s.patient_id) AS a_cle
        FROM ${FROM} WHERE s.cabinet_id = ${cabinet_id} AND s.id > ${after} ORDER BY s.id LIMIT ${BATCH}`,
  );
  const ids = rows.map(({ id }) => id);
  const actes = await readActes(tx, { cabinet_id }, ids);
  const objets = await query<{ id: number; empreinte: Buffer }>(
    tx,
    sql`SELECT a.consultation_id AS id, a.empreinte_objet AS empreinte FROM medical.actes_consultation a
        WHERE a.cabinet_id = ${cabinet_id} AND a.type = 'signature' AND a.consultation_id = ANY(${ids}::integer[])`,
  );
  const objetOf = new Map(objets.map(({ id, empreinte }) => [id, empreinte]));
  const withKey = [...new Set(rows.filter(({ a_cle }) => a_cle).map(({ patient_id }) => patient_id))];
  const cles = await openClesPatient(tx, secrets, withKey);
  for (const row of rows) {
    try {
      const objet = objetOf.get(row.id);
      if (objet !== undefined && (row.date_signature === null || !objet.equals(empreinteObjet(row)))) {
        throw new Error(`Consultation ${row.id} is not what was signed`);
      }
      // Nobody's patient reads what nobody has published.
      if (row.publiee_le?.getTime() !== row.dite_le?.getTime()) {
        throw new Error(`Consultation ${row.id} is not published as was said`);
      }
      const cle = cles.get(row.patient_id);
      // Without the key of a patient it is noise, and nobody can tell more of it.
      if (cle !== undefined) await verifyOpen(tx, cle, row, actes);
    } catch (error) {
      report(row.id, (error as Error).message);
    }
  }
  return ids;
}

/** @throws {Error} that names what differs */
async function verifyOpen(
  tx: EntityManager,
  cle: ClePatient,
  row: ConsultationRow,
  all: readonly ActeRow[],
): Promise<void> {
  const actes = all.filter(({ consultation_id }) => consultation_id === row.id);
  const signature = requireIntact(cle, row, actes);
  openNote(cle, row);
  openNotes(cle, row);
  for (const acte of actes) open(cle, placeOfActe(row, acte), acte.contenu);
  const patient = { id: row.patient_id, cabinet_id: row.cabinet_id, version: 0 };
  const within = await lireElementsOf({ tx, cle, patient }, [row.id]);
  if (signature !== null) await verifyElements(tx, row, signature, within);
}

/** That what was measured and found is there as it was when it was signed. */
async function verifyElements(
  tx: EntityManager,
  { id, cabinet_id }: ConsultationRow,
  { elements }: Signature,
  within: readonly { id: number }[],
): Promise<void> {
  const kept = await query<{ id: number; version: number; contenu: Buffer }>(
    tx,
    sql`SELECT v.element_id AS id, v.version, v.contenu FROM medical.elements_dossier_versions v
        WHERE v.cabinet_id = ${cabinet_id} AND v.element_id = ANY(${elements.map((one) => one.id)}::integer[])`,
  );
  const digests = new Map(kept.map((row) => [`${row.id} ${row.version}`, empreinteOf(row.contenu)]));
  const changed = elements.find((one) => digests.get(`${one.id} ${one.version}`) !== one.empreinte);
  if (changed !== undefined)
    throw new Error(`Consultation ${id} is not what was signed: element ${changed.id}`);
  if (within.length !== elements.length)
    throw new Error(`Consultation ${id} is not what was signed: elements`);
}
