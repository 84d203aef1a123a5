import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { query, queryOne } from '../../db/sql';
import { PARTIES } from '../../domain/cabinet/consultations';
import { NATURES, type Nature } from '../../domain/cabinet/elements';
import { type AccesExporte, auditEventResource } from '../../domain/cabinet/fhir/acces';
import {
  consentResource,
  coverageResource,
  relatedPersonResource,
} from '../../domain/cabinet/fhir/administratif';
import { allergyIntoleranceResource } from '../../domain/cabinet/fhir/allergies';
import type { Comptes, Entree } from '../../domain/cabinet/fhir/bundle';
import { vitalSignResource } from '../../domain/cabinet/fhir/constantes';
import {
  type ConsultationExportee,
  compositionResource,
  encounterResource,
  type PublicationExportee,
  provenanceResource,
  publicationResource,
} from '../../domain/cabinet/fhir/consultations';
import {
  binaryResource,
  documentReferenceResource,
  type EcritExporte,
  medicationRequestResource,
} from '../../domain/cabinet/fhir/ecrits';
import type { ElementExporte } from '../../domain/cabinet/fhir/entrees';
import {
  diagnosticReportResource,
  type ExamenExporte,
  type ResultatExporte,
  serviceRequestResource,
} from '../../domain/cabinet/fhir/examens';
import {
  type CabinetExporte,
  organizationResource,
  practitionerResource,
  practitionerRoleResource,
  type SoignantExporte,
} from '../../domain/cabinet/fhir/organisation';
import { patientResource, professionResource } from '../../domain/cabinet/fhir/patient';
import { antecedentResource, diagnosticResource } from '../../domain/cabinet/fhir/problemes';
import type { Urn } from '../../domain/cabinet/fhir/r4';
import { appointmentResource, type RendezVousExporte } from '../../domain/cabinet/fhir/rendez-vous';
import { medicationStatementResource } from '../../domain/cabinet/fhir/traitements';
import type { ContenuOrdonnance } from '../../domain/cabinet/ordonnances';
import * as CONSULTATIONS from './consultations-lignes';
import {
  type ActeRow,
  type ConsultationRow,
  empreinteObjet,
  openNote,
  placeOfActe,
  readActes,
  requireIntact,
} from './consultations-lignes';
import * as ECRITS from './ecrits-lignes';
import { lireElements } from './elements';
import type { ContenuExamen } from './examens';
import type { Patient } from './patients';
import type { ClePatient } from './sceau';
import { open } from './sceau';

/**
 * What a copy of a record is made of, table by table: how its rows become resources, how many there are of them, and who wrote
 * them. The count is asked of the tables themselves, by a statement that knows nothing of how they were read.
 */

/** What is read of whom, in one transaction that sees everything as it was at one moment. */
export interface Lecture {
  tx: EntityManager;
  patient: Patient;
  cle: ClePatient;
  urn: Urn;
}

type DePatient = Pick<Patient, 'id' | 'cabinet_id'>;

interface Source {
  lire(lecture: Lecture): Promise<Entree[]>;
  /** Rows of `source` and `nombre`, one for each name that its entries have. */
  comptes(patient: DePatient): Sql;
  /** Of one column: those whom its resources name. Null where they name nobody. */
  auteurs: ((patient: DePatient) => Sql) | null;
}

const ofPatient = ({ cabinet_id, id }: DePatient, alias: string): Sql =>
  join([sql`${raw(alias)}.cabinet_id = ${cabinet_id}`, sql`${raw(alias)}.patient_id = ${id}`], ' AND ');

const patients: Source = {
  lire: async ({ patient, urn }) => {
    const entree = { source: 'patients', fullUrl: urn('patients', patient.id) };
    return [{ ...entree, resource: patientResource(patient, urn) }];
  },
  comptes: ({ cabinet_id, id }) =>
    sql`SELECT 'patients' AS source, count(*)::integer AS nombre FROM medical.patients
        WHERE cabinet_id = ${cabinet_id} AND id = ${id}`,
  auteurs: null,
};

const acces: Source = {
  lire: async ({ tx, patient, urn }) => {
    const rows = await query<AccesExporte>(
      tx,
      sql`SELECT a.id, a.date, a.user_id, a.fonctions, a.action, a.categories, a.requete, a.finalite
          FROM medical.acces_dossier a WHERE ${ofPatient(patient, 'a')} ORDER BY a.id`,
    );
    const of = { cabinetId: patient.cabinet_id, patientId: patient.id, urn };
    return rows.map((row) => ({
      source: 'acces_dossier',
      fullUrl: urn('acces_dossier', row.id),
      resource: auditEventResource(row, of),
    }));
  },
  comptes: (patient) =>
    sql`SELECT 'acces_dossier', count(*)::integer FROM medical.acces_dossier a WHERE ${ofPatient(patient, 'a')}`,
  auteurs: (patient) => sql`SELECT a.user_id FROM medical.acces_dossier a WHERE ${ofPatient(patient, 'a')}`,
};

/** How an entry of each kind is written. */
const ELEMENTS: {
  readonly [N in Nature]: (element: ElementExporte<N>, urn: Urn) => fhir4.FhirResource;
} = {
  couverture: coverageResource,
  representant: relatedPersonResource,
  consentement: consentResource,
  antecedent: antecedentResource,
  allergie: allergyIntoleranceResource,
  traitement: medicationStatementResource,
  constante: vitalSignResource,
  diagnostic: diagnosticResource,
};

/** Also those in error: FHIR has a word for them, and what was once read from is not to be missed. */
const elements: Source = {
  lire: async ({ tx, cle, patient, urn }) => {
    const found = await lireElements({ tx, cle, patient }, NATURES);
    return found.reverse().map(({ auteur, ...element }) => {
      // Whoever wrote it is in the copy, also where FHIR has no place to say so.
      urn('users', auteur.id);
      const resource = ELEMENTS[element.nature]({ ...element, auteur_id: auteur.id } as never, urn);
      return { source: element.nature, fullUrl: urn('elements_dossier', element.id), resource };
    });
  },
  comptes: (patient) =>
    sql`SELECT e.nature, count(*)::integer FROM medical.elements_dossier e WHERE ${ofPatient(patient, 'e')} GROUP BY e.nature`,
  auteurs: (patient) =>
    sql`SELECT e.auteur_id FROM medical.elements_dossier e WHERE ${ofPatient(patient, 'e')}`,
};

const TITRES: Readonly<Record<(typeof PARTIES)[number], string>> = {
  motif: 'Motif',
  interrogatoire: 'Interrogatoire',
  examen: 'Examen',
  conclusion: 'Conclusion',
  conduite: 'Conduite à tenir',
};

/** What of consultations others may read: those that were signed, whether they hold or not. What a doctor writes for themselves stays. */
const SIGNEES = sql`s.statut IN ('signee', 'invalidee')`;

const consultations: Source = {
  lire: async ({ tx, cle, patient, urn }) => {
    const rows = await query<ConsultationRow>(
      tx,
      sql`SELECT ${CONSULTATIONS.COLUMNS} FROM ${CONSULTATIONS.FROM} WHERE ${ofPatient(patient, 's')} AND ${SIGNEES}
          ORDER BY s.date, s.id`,
    );
    const actes = await readActes(
      tx,
      patient,
      rows.map(({ id }) => id),
    );
    return rows.flatMap((row): Entree[] => {
      const own = actes.filter(({ consultation_id }) => consultation_id === row.id);
      const given = consultationOf(cle, row, own);
      return [
        {
          ...{ source: 'consultations', fullUrl: urn('consultations', row.id) },
          resource: encounterResource(given, urn),
        },
        {
          ...{ source: 'compositions', fullUrl: urn('compositions', row.id) },
          resource: compositionResource(given, urn),
        },
        ...given.actes
          .filter(({ type }) => type === 'signature')
          .map((acte) => ({
            ...{ source: 'signatures', fullUrl: urn('signatures', row.id) },
            resource: provenanceResource(given, acte, urn),
          })),
      ];
    });
  },
  comptes: (patient) => {
    const signed = sql`SELECT s.cabinet_id, s.id FROM medical.consultations s WHERE ${ofPatient(patient, 's')} AND ${SIGNEES}`;
    return sql`SELECT 'consultations', count(*)::integer FROM (${signed}) c
      UNION ALL SELECT 'compositions', count(*)::integer FROM (${signed}) c
      UNION ALL SELECT 'signatures', count(*)::integer FROM medical.actes_consultation a
        WHERE a.type = 'signature' AND (a.cabinet_id, a.consultation_id) IN (${signed})`;
  },
  auteurs: (patient) =>
    sql`SELECT s.auteur_id FROM medical.consultations s WHERE ${ofPatient(patient, 's')} AND ${SIGNEES}
        UNION SELECT a.user_id FROM medical.actes_consultation a JOIN medical.consultations s
          ON s.cabinet_id = a.cabinet_id AND s.id = a.consultation_id WHERE ${ofPatient(patient, 's')} AND ${SIGNEES}`,
};

/** When the patient could read which of them. */
const publications: Source = {
  lire: async ({ tx, patient, urn }) => {
    const rows = await query<PublicationExportee>(
      tx,
      sql`SELECT b.consultation_id, b.numero, b.publiee, b.user_id, b.date FROM medical.publications_consultation b
          JOIN medical.consultations s ON s.cabinet_id = b.cabinet_id AND s.id = b.consultation_id
          WHERE ${ofPatient(patient, 's')} ORDER BY b.consultation_id, b.numero`,
    );
    return rows.map((row) => ({
      source: 'publications',
      fullUrl: urn(`publications ${row.consultation_id}`, row.numero),
      resource: publicationResource(row, urn),
    }));
  },
  comptes: (patient) =>
    sql`SELECT 'publications', count(*)::integer FROM medical.publications_consultation b
        WHERE (b.cabinet_id, b.consultation_id) IN (
          SELECT s.cabinet_id, s.id FROM medical.consultations s WHERE ${ofPatient(patient, 's')})`,
  auteurs: (patient) =>
    sql`SELECT b.user_id FROM medical.publications_consultation b JOIN medical.consultations s
          ON s.cabinet_id = b.cabinet_id AND s.id = b.consultation_id WHERE ${ofPatient(patient, 's')}`,
};

/** A consultation as it was signed. @throws {Error} when it is not what was signed any more: nothing of it is handed on */
function consultationOf(
  cle: Lecture['cle'],
  row: ConsultationRow,
  actes: readonly ActeRow[],
): ConsultationExportee {
  requireIntact(cle, row, actes);
  const note = openNote(cle, row);
  return {
    ...{ id: row.id, cabinet_id: row.cabinet_id, patient_id: row.patient_id, auteur_id: row.auteur_id },
    ...{ date: row.date, statut: row.statut as 'signee' | 'invalidee', date_signature: row.date_signature! },
    parties: PARTIES.flatMap((partie) => {
      const texte = note[partie];
      return texte === null ? [] : [{ titre: TITRES[partie], texte }];
    }),
    actes: actes.map((acte) => {
      const { numero, type, user_id, date } = acte;
      const said = open(cle, placeOfActe(row, acte), acte.contenu) as { texte?: string; motif?: string };
      const empreinte = type === 'signature' ? empreinteObjet(row) : null;
      return { numero, type, user_id, date, texte: said.texte ?? said.motif ?? null, empreinte };
    }),
  };
}

interface RendezVousRow extends Omit<RendezVousExporte, 'motif' | 'motif_annulation'> {
  cabinet_id: number;
  motif: Buffer | null;
  motif_annulation: Buffer | null;
}

const rendezVous: Source = {
  lire: async ({ tx, cle, patient, urn }) => {
    const rows = await query<RendezVousRow>(
      tx,
      sql`SELECT r.id, r.cabinet_id, r.patient_id, d.user_id, r.debut, r.fin, r.statut, t.libelle, r.motif, r.motif_annulation,
            r.date_creation
          FROM medical.rendez_vous_patients r
          JOIN medical.praticiens d ON d.cabinet_id = r.cabinet_id AND d.id = r.praticien_id
          JOIN medical.types_rendez_vous t ON t.cabinet_id = r.cabinet_id AND t.id = r.type_id
          WHERE ${ofPatient(patient, 'r')} ORDER BY r.debut, r.id`,
    );
    return rows.map(({ motif, motif_annulation, ...row }) => {
      const { id, cabinet_id, patient_id } = row;
      const read = (champ: string, sealed: Buffer | null) => {
        const place = { cabinet_id, patient_id, table: 'rendez_vous_patients', ligne: id, champ };
        return sealed === null ? null : (open(cle, place, sealed) as string);
      };
      const said = {
        motif: read('motif', motif),
        motif_annulation: read('motif_annulation', motif_annulation),
      };
      return {
        ...{ source: 'rendez_vous', fullUrl: urn('rendez_vous_patients', id) },
        resource: appointmentResource({ ...row, ...said }, urn),
      };
    });
  },
  comptes: (patient) =>
    sql`SELECT 'rendez_vous', count(*)::integer FROM medical.rendez_vous_patients r WHERE ${ofPatient(patient, 'r')}`,
  auteurs: (patient) =>
    sql`SELECT d.user_id FROM medical.rendez_vous_patients r
        JOIN medical.praticiens d ON d.cabinet_id = r.cabinet_id AND d.id = r.praticien_id WHERE ${ofPatient(patient, 'r')}`,
};

type EcritComplet = ECRITS.EcritSigne & { pdf: Buffer; pdf_ar: Buffer | null };

/** What was signed and handed over: its documents, and of an ordonnance each line. Drafts stay. */
const ecrits: Source = {
  lire: async ({ tx, cle, patient, urn }) => {
    const rows = await query<EcritComplet>(
      tx,
      sql`SELECT ${ECRITS.ECRIT_ROW}, e.pdf, e.pdf_ar FROM medical.ecrits e
          WHERE ${ofPatient(patient, 'e')} AND e.statut <> 'brouillon' ORDER BY e.date_signature, e.id`,
    );
    return rows.flatMap((row) => ecritEntrees(cle, row, urn));
  },
  comptes: (patient) =>
    sql`SELECT s.source, s.nombre FROM (
          SELECT count(*)::integer AS ecrits, count(e.pdf)::integer + count(e.pdf_ar)::integer AS documents
          FROM medical.ecrits e WHERE ${ofPatient(patient, 'e')} AND e.statut <> 'brouillon') c
        CROSS JOIN LATERAL (VALUES ('ecrits', c.ecrits), ('documents', c.documents)) s (source, nombre)`,
  auteurs: (patient) =>
    sql`SELECT e.auteur_id FROM medical.ecrits e WHERE ${ofPatient(patient, 'e')} AND e.statut <> 'brouillon'`,
};

/** @throws {Error} when it is not what was signed any more */
function ecritEntrees(cle: Lecture['cle'], row: EcritComplet, urn: Urn): Entree[] {
  const signe = ECRITS.openSignature(row, cle)!;
  const { contenu } = ECRITS.openContenu(row, cle, signe) as { contenu: unknown };
  const ecrit = row as EcritExporte;
  const documents = (['pdf', 'pdf_ar'] as const).flatMap((champ) => {
    const sealed = row[champ];
    if (sealed === null) return [];
    const octets = ECRITS.openDocument(row, cle, signe, champ, sealed);
    return [{ urn: urn(`ecrits ${champ}`, row.id), langue: champ === 'pdf' ? 'fr' : 'ar', octets }];
  });
  const lignes = row.genre === 'ordonnance' ? (contenu as ContenuOrdonnance).lignes : [];
  return [
    {
      ...{ source: 'ecrits', fullUrl: urn('documents', row.id) },
      resource: documentReferenceResource(ecrit, documents, urn),
    },
    ...documents.map(({ urn: fullUrl, octets }) => ({
      ...{ source: 'documents', fullUrl },
      resource: binaryResource(octets),
    })),
    ...lignes.map((ligne, rang) => ({
      ...{ source: null, fullUrl: urn(`ecrits ligne ${rang}`, row.id) },
      resource: medicationRequestResource(ecrit, ligne, urn),
    })),
  ];
}

type ExamenRow = Omit<ExamenExporte, 'libelle' | 'indication' | 'laboratoire'> & { contenu: Buffer };
type ResultatRow = Omit<ResultatExporte, 'texte' | 'decision'> & {
  examen_id: number;
  contenu: Buffer;
  decision: Buffer | null;
};

const examens: Source = {
  lire: async ({ tx, cle, patient, urn }) => {
    const asked = await query<ExamenRow>(
      tx,
      sql`SELECT e.id, e.cabinet_id, e.patient_id, e.auteur_id, e.statut, e.contenu, e.date_creation
          FROM medical.examens e WHERE ${ofPatient(patient, 'e')} ORDER BY e.date_creation, e.id`,
    );
    const came = await query<ResultatRow>(
      tx,
      sql`SELECT r.id, r.examen_id, r.numero, r.partiel, r.contenu, r.date, r.vu_par, r.decision
          FROM medical.resultats_examen r WHERE ${ofPatient(patient, 'r')} ORDER BY r.examen_id, r.numero`,
    );
    const { cabinet_id, id: patient_id } = patient;
    return asked.flatMap((row): Entree[] => {
      const place = { cabinet_id, patient_id, table: 'examens', ligne: row.id, champ: 'contenu' };
      const examen = { ...row, ...(open(cle, place, row.contenu) as ContenuExamen) };
      const results = came.filter(({ examen_id }) => examen_id === row.id);
      return [
        {
          ...{ source: 'examens', fullUrl: urn('examens', row.id) },
          resource: serviceRequestResource(examen, urn),
        },
        ...results.map(({ contenu, decision, ...one }) => {
          const of = { cabinet_id, patient_id, table: 'resultats_examen', ligne: one.id };
          const texte = open(cle, { ...of, champ: 'contenu' }, contenu) as string;
          const decided =
            decision && (open(cle, { ...of, champ: 'decision' }, decision) as { decision: string }).decision;
          return {
            ...{ source: 'resultats_examen', fullUrl: urn('resultats_examen', one.id) },
            resource: diagnosticReportResource(examen, { ...one, texte, decision: decided }, urn),
          };
        }),
      ];
    });
  },
  comptes: (patient) =>
    sql`SELECT 'examens', count(*)::integer FROM medical.examens e WHERE ${ofPatient(patient, 'e')}
        UNION ALL SELECT 'resultats_examen', count(*)::integer FROM medical.resultats_examen r WHERE ${ofPatient(patient, 'r')}`,
  auteurs: (patient) =>
    sql`SELECT e.auteur_id FROM medical.examens e WHERE ${ofPatient(patient, 'e')} AND e.auteur_id IS NOT NULL
        UNION SELECT r.vu_par FROM medical.resultats_examen r WHERE ${ofPatient(patient, 'r')} AND r.vu_par IS NOT NULL`,
};

const SOURCES: readonly Source[] = [
  patients,
  elements,
  rendezVous,
  consultations,
  publications,
  ecrits,
  examens,
  acces,
];

/** Everything of a record, in the order in which people read it. */
export async function lireSources(lecture: Lecture): Promise<Entree[]> {
  const { patient, urn } = lecture;
  const named = new Set<number>();
  const naming: Lecture = {
    ...lecture,
    urn: (table, id) => {
      if (table === 'users') named.add(id);
      return urn(table, id);
    },
  };
  const found: Entree[] = [];
  // One after the other: they share a connection.
  for (const source of SOURCES) found.push(...(await source.lire(naming)));
  const profession = professionResource(patient, urn);
  if (profession !== null) {
    found.push({ source: 'profession', fullUrl: urn('professions', patient.id), resource: profession });
  }
  return [...found, ...(await maison(lecture, [...named]))];
}

/** The practice, and those who are named. */
async function maison({ tx, patient, urn }: Lecture, userIds: readonly number[]): Promise<Entree[]> {
  const { cabinet_id } = patient;
  const cabinet = await queryOne<CabinetExporte>(
    tx,
    sql`SELECT id, nom, adresse, telephone, actif FROM medical.cabinets WHERE id = ${cabinet_id}`,
  );
  const people = await query<SoignantExporte & { praticien_id: number | null }>(
    tx,
    sql`SELECT u.id AS user_id, u.nom, u.prenom, d.id AS praticien_id, CASE WHEN d.id IS NULL THEN NULL ELSE
          json_build_object('titre', d.titre, 'specialite', d.specialite, 'inpe', d.inpe, 'rpps', d.rpps,
            'numero_ordre', d.numero_ordre, 'actif', d.actif) END AS praticien
        FROM users u LEFT JOIN medical.praticiens d ON d.cabinet_id = ${cabinet_id} AND d.user_id = u.id
        WHERE u.id = ANY(${userIds}::integer[]) ORDER BY u.id`,
  );
  const organization: Entree = {
    source: 'cabinets',
    fullUrl: urn('cabinets', cabinet_id),
    resource: organizationResource(cabinet!),
  };
  const roles = people.flatMap(({ praticien_id, ...one }): Entree[] => {
    const resource = practitionerRoleResource(one, cabinet_id, urn);
    return resource === null
      ? []
      : [{ source: 'praticiens', fullUrl: urn('praticiens', praticien_id!), resource }];
  });
  const named = people.map((one): Entree => {
    return { source: 'users', fullUrl: urn('users', one.user_id), resource: practitionerResource(one) };
  });
  return [organization, ...named, ...roles];
}

/** How many rows there are of each kind, asked of the tables themselves in one statement. */
export async function compterSources(tx: EntityManager, patient: Patient): Promise<Comptes> {
  const auteurs = SOURCES.flatMap(({ auteurs: of }) => (of === null ? [] : [of(patient)]));
  const rows = await query<{ source: string; nombre: number }>(
    tx,
    sql`WITH auteurs (user_id) AS (SELECT DISTINCT * FROM (${join(auteurs, ' UNION ALL ')}) a)
        ${join(
          SOURCES.map(({ comptes }) => comptes(patient)),
          ' UNION ALL ',
        )}
        UNION ALL SELECT 'cabinets', count(*)::integer FROM medical.cabinets WHERE id = ${patient.cabinet_id}
        UNION ALL SELECT 'users', count(*)::integer FROM auteurs
        UNION ALL SELECT 'praticiens', count(*)::integer FROM medical.praticiens d JOIN auteurs USING (user_id)
          WHERE d.cabinet_id = ${patient.cabinet_id}`,
  );
  const comptes = rows.map(({ source, nombre }): [string, number] => [source, nombre]);
  // Sealed: of the patient alone it is known whether somebody said it.
  return Object.fromEntries([...comptes, ['profession', patient.profession === null ? 0 : 1]]);
}
