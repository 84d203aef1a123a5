import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import type { Passwords } from '../../auth/passwords';
import type { Secrets } from '../../auth/secrets';
import { query, queryOne } from '../../db/sql';
import { identifiantOf, type Prescripteur, prescripteurFaults } from '../../domain/cabinet/ordonnances';
import { notFound, RegieError } from '../../domain/errors';
import { dayAt } from '../../domain/local-time';
import type { DonneesEcrit } from '../../pdf/ecrits/commun';
import type { Actor } from '../actor';
import { requireVersion } from '../versions';
import { type Forcer, repondre } from './alertes';
import type { RenduEcrits } from './documents-signes';
import { type EcritOuvert, openEcrit, requireDraft, requireSound, type Scelle } from './ecrits';
import { empreinteDe, empreinteOf, placeOf, type Signature } from './ecrits-lignes';
import { GENRES, type Genre } from './genres-ecrits';
import type { AskedOfPatients } from './patients';
import { type Preuve, prouver } from './reauthentification';
import { seal } from './sceau';
import { inCabinets } from './transactions';

/**
 * Signing: who signs shows again who they are, the document is made of what is signed, and one transaction writes all of it:
 * the content, the document and what holds them together. Stopped anywhere, it is a draft or signed, and never half of it.
 */

/** What is prepared before the transaction that signs. */
export interface SignaturePreparee {
  /** Of the draft that the documents were made of. */
  version: number;
  date: Date;
  scelle: Scelle;
  pdf: Buffer;
  pdf_ar: Buffer | null;
}

export interface ServicesDeSignature {
  /** Where who somebody is is asked. */
  db: DataSource;
  medical: DataSource;
  secrets: Secrets;
  passwords: Pick<Passwords, 'verify'>;
  documents: RenduEcrits;
}

export interface DemandeDeSignature {
  preuve: Preuve;
  forcer: Forcer | null;
  /** Version named by the caller, or null. */
  expected: number | null;
}

/**
 * Looks at what is to be signed, asks who signs it, and makes the documents; outside of any transaction.
 * @returns null when it is signed already: then the one that signs says so.
 * @throws {RegieError} `INTROUVABLE`, as `openDossier`; `VALIDATION` with all that it lacks, `ALLERGIE_CONNUE`,
 *   `VERSION_PERIMEE`, as `prouver`, `SERVICE_INDISPONIBLE`
 */
export async function preparerSignature<G extends Genre>(
  services: ServicesDeSignature,
  access: Access,
  actor: Actor,
  genre: G,
  id: number,
  { preuve, forcer, expected }: DemandeDeSignature,
): Promise<SignaturePreparee | null> {
  const { medical, secrets, documents } = services;
  const found = await inCabinets(medical, access, async (tx) => {
    const asked = { tx, access, actor, secrets };
    const { row, dossier, ecrit } = await openEcrit(asked, genre, id, { action: 'update' });
    if (ecrit.statut !== 'brouillon') return null;
    if (ecrit.auteur.id !== access.principal.userId) throw notFound();
    requireVersion(row, expected);
    const donnees = await donneesOf(tx, ecrit, actor.now);
    const jour = dayAt(actor.now.getTime(), donnees.fuseau_horaire);
    const { naissance } = donnees.patient;
    requireSound([
      ...GENRES[genre].manques(ecrit.contenu, { naissance, jour, copieArabe: ecrit.copie_arabe }),
      ...prescripteurFaults(donnees.prescripteur),
    ]);
    const scelle = await repondre(asked, dossier, {
      ...{ contenu: ecrit.contenu, medicaments: GENRES[genre].medicaments(ecrit.contenu) },
      ...{ alertes: ecrit.alertes, forcer },
    });
    return { version: row.version, scelle, donnees, copieArabe: ecrit.copie_arabe };
  });
  if (found === null) return null;
  await prouver(services, actor, preuve);
  const { version, scelle, donnees, copieArabe } = found;
  const render = async (langue: 'fr' | 'ar') =>
    Buffer.from(await documents.render(GENRES[genre].document({ ...donnees, langue }, scelle.contenu)));
  const pdf = await render('fr');
  return { version, date: actor.now, scelle, pdf, pdf_ar: copieArabe ? await render('ar') : null };
}

/** What stands on the document beside what was written. */
async function donneesOf(
  tx: EntityManager,
  {
    id,
    cabinet_id,
    patient_id,
    auteur,
  }: Pick<EcritOuvert['ecrit'], 'id' | 'cabinet_id' | 'patient_id' | 'auteur'>,
  date: Date,
): Promise<DonneesEcrit> {
  const row = (await queryOne<{
    cabinet: { nom: string; adresse: string | null; telephone: string | null; pays: string; fuseau: string };
    praticien: {
      titre: string | null;
      specialite: string | null;
      inpe: string | null;
      rpps: string | null;
      numero_ordre: string | null;
      email: string | null;
      telephone: string | null;
    } | null;
    patient: DonneesEcrit['patient'];
  }>(
    tx,
    sql`SELECT json_build_object('nom', c.nom, 'adresse', c.adresse, 'telephone', c.telephone, 'pays', c.pays,
            'fuseau', c.fuseau_horaire) AS cabinet,
          (SELECT row_to_json(d) FROM medical.praticiens d
           WHERE d.cabinet_id = c.id AND d.user_id = ${auteur.id} AND d.actif) AS praticien,
          json_build_object('nom_naissance', p.nom_naissance, 'nom_usage', p.nom_usage, 'prenoms', p.prenoms,
            'sexe', p.sexe, 'naissance', json_build_object('date', p.date_naissance::text,
              'precision', p.precision_naissance)) AS patient
        FROM medical.patients p JOIN medical.cabinets c ON c.id = p.cabinet_id
        WHERE p.id = ${patient_id} AND p.cabinet_id = ${cabinet_id}`,
  ))!;
  const { cabinet, praticien, patient } = row;
  const prescripteur: Prescripteur = {
    nom: auteur.nom,
    prenom: auteur.prenom,
    titre: praticien?.titre ?? null,
    specialite: praticien?.specialite ?? null,
    identifiant: praticien && identifiantOf(praticien, cabinet.pays),
    adresse: cabinet.adresse,
    telephone: praticien?.telephone ?? cabinet.telephone,
    email: praticien?.email ?? null,
  };
  return {
    id,
    date_signature: date.toISOString(),
    fuseau_horaire: cabinet.fuseau,
    cabinet: { nom: cabinet.nom, coordonnees: cabinet.adresse?.split('\n') ?? [] },
    prescripteur,
    patient,
    langue: 'fr',
  };
}

/**
 * Signs what was prepared.
 * @param prepared null for one that is not to be signed any more.
 * @throws {RegieError} `INTROUVABLE`, as `openDossier`; `SIGNEE`, `VERSION_PERIMEE` when the draft changed meanwhile,
 *   `ALLERGIE_CONNUE` when an allergy was entered meanwhile
 */
export async function signer<G extends Genre>(
  asked: AskedOfPatients,
  genre: G,
  id: number,
  prepared: SignaturePreparee | null,
): Promise<EcritOuvert<G>> {
  const { tx, actor } = asked;
  const { row, dossier, ecrit } = await openEcrit(asked, genre, id, { action: 'update', lock: true });
  requireDraft(ecrit);
  if (prepared === null) throw new RegieError('SIGNEE');
  const { version, date, scelle, pdf, pdf_ar } = prepared;
  requireVersion(row, version);
  const { contenu, alertes } = scelle as Scelle<G>;
  const medicaments = GENRES[genre].medicaments(contenu);
  const checked = await repondre(asked, dossier, { contenu, medicaments, alertes, forcer: null });
  const sealed = {
    contenu: seal(dossier.cle, placeOf(row, 'contenu'), checked),
    pdf: seal(dossier.cle, placeOf(row, 'pdf'), pdf.toString('base64')),
    pdf_ar: pdf_ar && seal(dossier.cle, placeOf(row, 'pdf_ar'), pdf_ar.toString('base64')),
  };
  const signature: Signature = {
    signataire: row.auteur_id,
    date: date.toISOString(),
    genre,
    a_remettre: row.a_remettre,
    copie_arabe: row.copie_arabe,
    date_creation: row.date_creation.toISOString(),
    contenu: empreinteDe(checked),
    document: empreinteOf(pdf),
    document_ar: pdf_ar && empreinteOf(pdf_ar),
  };
  await query(
    tx,
    sql`UPDATE medical.ecrits SET statut = 'signee', contenu = ${sealed.contenu}, pdf = ${sealed.pdf},
          pdf_ar = ${sealed.pdf_ar}, signature = ${seal(dossier.cle, placeOf(row, 'signature'), signature)},
          date_signature = ${date}, date_modification = ${actor.now}, version = version + 1
        WHERE id = ${id} AND cabinet_id = ${row.cabinet_id}`,
  );
  return openEcrit(asked, genre, id);
}
