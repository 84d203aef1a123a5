import { dayAfter, dayAt } from '../../src/domain/local-time';
import { createConsultation } from '../../src/services/cabinet/consultations';
import { createEcrit } from '../../src/services/cabinet/ecrits';
import { createElement } from '../../src/services/cabinet/elements';
import { ajouterResultat, demanderExamen, recevoirExamen } from '../../src/services/cabinet/examens';
import type { Contenus, Genre } from '../../src/services/cabinet/genres-ecrits';
import type { AskedOfPatients } from '../../src/services/cabinet/patients';
import { changerRendezVous, prendreRendezVous } from '../../src/services/cabinet/rendez-vous';
import {
  createType,
  listCreneauxDeCabinet,
  type TypeFields,
  updateHoraires,
} from '../../src/services/cabinet/types-rendez-vous';
import type { ExamensDecor, VisiteDecor } from './visites-decor';

/** What is signed once it is written: whoever signs shows who they are, which is asked outside of any transaction. */
export interface ASigner {
  genre: 'consultation' | Genre;
  id: number;
  userId: number;
  date: Date;
}

/** A practice that receives. */
export interface CabinetOuvert {
  id: number;
  gerant: number;
  secretaire: number;
  medecins: readonly { userId: number; praticien: number }[];
  patients: readonly { id: number; medecin: number }[];
}

/** Asks in the name of somebody of the practice, as if it were a moment. */
export type Au = (
  userId: number,
  fonction: 'gerant' | 'medecin' | 'secretaire',
  now: Date,
) => Promise<AskedOfPatients>;

interface Given {
  now: Date;
  timeZone: string;
  au: Au;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Days before today on which visits were booked. */
const PRIS = 10;
/** Days around today among which those are looked for on which one receives. */
const AUTOUR = 7;

const JOURNEE = [
  [8 * 60 + 30, 12 * 60 + 30],
  [14 * 60, 18 * 60],
] as const;

const TYPES: readonly Pick<TypeFields, 'libelle' | 'durees'>[] = [
  { libelle: 'Consultation', durees: [20, 40] },
  { libelle: 'Contrôle', durees: [10] },
];

/** Says when doctors receive and what for, and plays who comes, in the name of who would say so, at the time at which they would. */
export class Visites {
  /** In the order in which it was written. */
  readonly aSigner: ASigner[] = [];

  constructor(
    private readonly given: Given,
    private readonly cabinet: CabinetOuvert,
  ) {}

  /** @returns the slug of what is booked. */
  async ouvrir(): Promise<string> {
    const { id, gerant, medecins } = this.cabinet;
    const asked = await this.given.au(gerant, 'gerant', this.ago(PRIS * DAY));
    const horaires = Object.fromEntries([1, 2, 3, 4, 5, 6].map((day) => [day, JOURNEE]));
    for (const { praticien } of medecins) {
      await updateHoraires(asked, id, praticien, { horaires, exceptions: [], absences: [] });
    }
    const slugs: string[] = [];
    for (const type of TYPES) {
      const made = await createType(asked, id, {
        ...type,
        ...{
          pas: 'auto',
          tampon_avant: 0,
          tampon_apres: 0,
          preavis_annuler: 24 * 60,
          jours: 180,
          actif: true,
        },
        // Numbers of invented people may be somebody's: nobody is reminded.
        rappels: [],
        praticiens: medecins.map(({ praticien }) => praticien),
      });
      slugs.push(made.slug);
    }
    return slugs[0]!;
  }

  async recevoir(prestation: string, visites: readonly VisiteDecor[]): Promise<void> {
    const journees = new Map<number, Date[][]>();
    for (const { praticien } of this.cabinet.medecins) {
      journees.set(praticien, await this.journees(prestation, praticien));
    }
    for (const visite of visites) {
      const { praticien } = this.cabinet.medecins[this.cabinet.patients[visite.patient]!.medecin]!;
      // Today may be a Sunday.
      const debut = journees.get(praticien)![visite.jour + 1]![visite.rang];
      if (debut !== undefined) await this.visite(prestation, visite, debut);
    }
  }

  /** The starts of the last day on which a doctor received, of today, and of the next two. */
  private async journees(prestation: string, praticien_id: number): Promise<Date[][]> {
    const { now, timeZone, au } = this.given;
    const today = dayAt(now.getTime(), timeZone);
    const asked = await au(this.cabinet.secretaire, 'secretaire', this.ago(PRIS * DAY));
    const found = await listCreneauxDeCabinet(asked, this.cabinet.id, {
      ...{ prestation, praticien_id, debut: dayAfter(today, -AUTOUR), fin: dayAfter(today, AUTOUR) },
    });
    const open = Object.entries(found)
      .filter(([, slots]) => slots.length > 0)
      .toSorted();
    const starts = (day: (typeof open)[number] | undefined) =>
      (day?.[1] ?? []).map(({ debut }) => new Date(debut));
    const [next, after] = open.filter(([day]) => day > today);
    const last = open.filter(([day]) => day < today).at(-1);
    return [last, open.find(([day]) => day === today), next, after].map(starts);
  }

  private async visite(prestation: string, visite: VisiteDecor, debut: Date): Promise<void> {
    const { au, now } = this.given;
    const { id, secretaire, medecins, patients } = this.cabinet;
    const patient = patients[visite.patient]!;
    const { userId, praticien: praticien_id } = medecins[patient.medecin]!;
    const desk = await au(secretaire, 'secretaire', this.ago(PRIS * DAY - visite.rang * MINUTE));
    const { rendezVous } = await prendreRendezVous(desk, id, {
      ...{ patient_id: patient.id, praticien_id, prestation, debut, surnombre: false, motif: visite.motif },
    });
    const at = (minutes: number) => new Date(debut.getTime() + minutes * MINUTE);
    if (at(SORTIE) > now || visite.suite === 'a_qualifier') return;
    const { uid } = rendezVous;
    if (visite.suite === 'absent') {
      await changerRendezVous(await au(secretaire, 'secretaire', at(15)), id, uid, 'absent', {}, null);
      return;
    }
    await changerRendezVous(await au(secretaire, 'secretaire', at(-5)), id, uid, 'arriver', {}, null);
    await changerRendezVous(await au(userId, 'medecin', at(2)), id, uid, 'appeler', {}, null);
    await this.consulter(visite, { patient: patient.id, userId, uid, at });
    await changerRendezVous(await au(userId, 'medecin', at(SORTIE)), id, uid, 'terminer', {}, null);
  }

  private async consulter(
    { consultation: { note, constantes, diagnostic, signee, ordonnance, certificat } }: VisiteDecor,
    { patient, userId, uid, at }: { patient: number; userId: number; uid: string; at(minutes: number): Date },
  ): Promise<void> {
    const { au } = this.given;
    const fields = { ...note, date: null, rendez_vous: uid, notes_personnelles: null };
    const asked = await au(userId, 'medecin', at(3));
    const { consultation } = await createConsultation(asked, patient, fields);
    const within = { date_effet: null, consultation_id: consultation.id };
    const seen = await au(userId, 'medecin', at(8));
    for (const contenu of constantes) await createElement(seen, 'constante', patient, { contenu, ...within });
    await createElement(seen, 'diagnostic', patient, { contenu: diagnostic, ...within });
    const signer = (genre: ASigner['genre'], id: number, minutes: number) =>
      this.aSigner.push({ genre, id, userId, date: at(minutes) });
    if (signee) signer('consultation', consultation.id, 12);
    const writing = await au(userId, 'medecin', at(14));
    const ecrire = async <G extends Genre>(genre: G, contenu: Contenus[G]) => {
      const draft = { contenu, a_remettre: genre === 'ordonnance', copie_arabe: false };
      const { ecrit } = await createEcrit(writing, genre, patient, draft, null);
      signer(genre, ecrit.id, 15);
    };
    const rest = { poids_kg: null, taille_cm: null, remarques: null };
    if (ordonnance !== null) await ecrire('ordonnance', { lignes: [ordonnance], ...rest });
    if (certificat !== null) await ecrire('certificat', certificat);
  }

  /** What a laboratory was asked for and has answered, and what it sent of somebody whom nobody knows. */
  async analyser({ attendu, critique, aPersonne }: ExamensDecor): Promise<void> {
    const { au, now, timeZone } = this.given;
    const ask = async (index: number, libelle: string, before: number, attendu_le: string | null) => {
      const { id: patient_id, medecin } = this.cabinet.patients[index]!;
      const { userId } = this.cabinet.medecins[medecin]!;
      const asked = await au(userId, 'medecin', this.ago(before));
      const contenu = { libelle, indication: null, laboratoire: LABORATOIRE };
      const { examen } = await demanderExamen(asked, { patient_id, contenu, attendu_le });
      return { id: examen.id, userId };
    };
    const day = dayAfter(dayAt(now.getTime(), timeZone), attendu.jours);
    await ask(attendu.patient, attendu.libelle, DAY, day);
    const asked = await ask(critique.patient, critique.libelle, 2 * DAY, null);
    const result = { texte: critique.texte, partiel: false, critique: true };
    await ajouterResultat(await au(asked.userId, 'medecin', this.ago(60 * MINUTE)), asked.id, result);
    const { libelle, texte, ...identite } = aPersonne;
    await recevoirExamen(await au(this.cabinet.secretaire, 'secretaire', this.ago(90 * MINUTE)), {
      cabinet_id: this.cabinet.id,
      ...{ contenu: { libelle, indication: null, laboratoire: LABORATOIRE }, identite },
      resultat: { texte, partiel: false, critique: false },
    });
  }

  private ago(milliseconds: number): Date {
    return new Date(this.given.now.getTime() - milliseconds);
  }
}

/** Minutes after its start at which somebody leaves. */
const SORTIE = 18;
const LABORATOIRE = 'Laboratoire du Phosphate';
