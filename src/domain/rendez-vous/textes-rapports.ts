import { formatDuration, type Langue, MOIS } from '../writing';
import type { LignesRapport, NomRapport } from './rapports';

/** What the pictures of the figures say, in the language of whoever looks at them. */
interface TextesRapports {
  titre: Record<NomRapport, string>;
  /** What the bars show. */
  mesure: Record<NomRapport, string>;
  /** Both days included, as `2026-12-01`. */
  periode(debut: string, fin: string): string;
  description(mesure: string, lignes: number): string;
  total: string;
  aucune: string;
  autres(nombre: number): string;
  /** A value of the scale. */
  echelle: Record<NomRapport, (valeur: number) => string>;
  /** What stands beside a bar. */
  valeur: { [Nom in NomRapport]: (ligne: LignesRapport[Nom]) => string };
}

const date = (jour: string, langue: Langue) => {
  const [year, month, day] = jour.split('-').map(Number) as [number, number, number];
  const first = langue === 'fr' && day === 1 ? '1er' : String(day);
  return `${first} ${MOIS[langue][month - 1]} ${year}`;
};

const percent = (taux: number) => Math.round(taux * 1_000) / 10;
const hours = (value: number | null, langue: Langue) =>
  value === null ? '–' : formatDuration(Math.round(value * 60), langue);

const plural = (nombre: number, un: string, plusieurs: string) => `${nombre} ${nombre > 1 ? plusieurs : un}`;
const french = (value: number) => String(value).replace('.', ',');

const scales = (langue: Langue, share: (taux: number) => string): TextesRapports['echelle'] => ({
  occupation: share,
  absences: share,
  delais: (value) => hours(value, langue),
  annulations: share,
  'par-intervenant': String,
});

export const TEXTES_RAPPORTS: Readonly<Record<Langue, TextesRapports>> = {
  fr: {
    titre: {
      occupation: 'Occupation des intervenants',
      absences: 'Absences aux rendez-vous',
      delais: 'Délais de réservation',
      annulations: 'Annulations',
      'par-intervenant': 'Rendez-vous par intervenant',
    },
    mesure: {
      occupation: 'Temps réservé ÷ temps ouvré',
      absences: 'Absents ÷ (venus + absents)',
      delais: 'Médiane entre la réservation et le début ; le trait va jusqu’au neuvième décile',
      annulations: 'Annulés ÷ demandés',
      'par-intervenant': 'Rendez-vous demandés',
    },
    periode: (debut, fin) => `du ${date(debut, 'fr')} au ${date(fin, 'fr')}`,
    description: (mesure, lignes) => `${mesure} : ${plural(lignes, 'barre', 'barres')}, puis le total.`,
    total: 'Total',
    aucune: 'Rien à montrer pour cette période',
    autres: (nombre) => `et ${plural(nombre, 'autre', 'autres')}`,
    echelle: scales('fr', (taux) => `${french(percent(taux))} %`),
    valeur: {
      occupation: ({ minutes_reservees, minutes_ouvertes }) =>
        `${formatDuration(minutes_reservees, 'fr')} sur ${formatDuration(minutes_ouvertes, 'fr')}`,
      absences: ({ venus, absents }) =>
        `${plural(absents, 'absent', 'absents')}, ${plural(venus, 'venu', 'venus')}`,
      delais: ({ nombre, p90_heures }) => `9 sur 10 : ${hours(p90_heures, 'fr')} (${nombre})`,
      annulations: ({ annules, demandes, tardifs }) =>
        `${annules} sur ${demandes}${tardifs === 0 ? '' : `, dont ${plural(tardifs, 'tardif', 'tardifs')}`}`,
      'par-intervenant': ({ venus, absents, annules }) =>
        `${plural(venus, 'venu', 'venus')}, ${plural(absents, 'absent', 'absents')}, ${plural(annules, 'annulé', 'annulés')}`,
    },
  },
  en: {
    titre: {
      occupation: 'How booked people are',
      absences: 'Missed appointments',
      delais: 'How early people book',
      annulations: 'Cancellations',
      'par-intervenant': 'Appointments by person',
    },
    mesure: {
      occupation: 'Booked time ÷ working time',
      absences: 'Absent ÷ (come + absent)',
      delais: 'Median from booking to start; the line goes on to the ninth decile',
      annulations: 'Cancelled ÷ asked for',
      'par-intervenant': 'Appointments asked for',
    },
    periode: (debut, fin) => `from ${date(debut, 'en')} to ${date(fin, 'en')}`,
    description: (mesure, lignes) => `${mesure}: ${plural(lignes, 'bar', 'bars')}, then the total.`,
    total: 'Total',
    aucune: 'Nothing to show for this period',
    autres: (nombre) => `and ${plural(nombre, 'other', 'others')}`,
    echelle: scales('en', (taux) => `${percent(taux)}%`),
    valeur: {
      occupation: ({ minutes_reservees, minutes_ouvertes }) =>
        `${formatDuration(minutes_reservees, 'en')} of ${formatDuration(minutes_ouvertes, 'en')}`,
      absences: ({ venus, absents }) => `${absents} absent, ${venus} came`,
      delais: ({ nombre, p90_heures }) => `9 of 10: ${hours(p90_heures, 'en')} (${nombre})`,
      annulations: ({ annules, demandes, tardifs }) =>
        `${annules} of ${demandes}${tardifs === 0 ? '' : `, ${tardifs} late`}`,
      'par-intervenant': ({ venus, absents, annules }) =>
        `${venus} came, ${absents} absent, ${annules} cancelled`,
    },
  },
  ar: {
    titre: {
      occupation: 'نسبة انشغال المستقبِلين',
      absences: 'الغياب عن المواعيد',
      delais: 'آجال الحجز',
      annulations: 'الإلغاءات',
      'par-intervenant': 'المواعيد حسب المستقبِل',
    },
    mesure: {
      occupation: 'الوقت المحجوز ÷ وقت العمل',
      absences: 'الغائبون ÷ (الحاضرون + الغائبون)',
      delais: 'الوسيط بين الحجز وبداية الموعد؛ ويمتد الخط إلى العُشير التاسع',
      annulations: 'الملغى ÷ المطلوب',
      'par-intervenant': 'المواعيد المطلوبة',
    },
    periode: (debut, fin) => `من ${date(debut, 'ar')} إلى ${date(fin, 'ar')}`,
    description: (mesure, lignes) => `${mesure}. عدد الأشرطة: ${lignes}، ثم المجموع.`,
    total: 'المجموع',
    aucune: 'لا شيء يُعرض لهذه الفترة',
    autres: (nombre) => `وغيرها: ${nombre}`,
    echelle: scales('ar', (taux) => `${french(percent(taux))} %`),
    valeur: {
      occupation: ({ minutes_reservees, minutes_ouvertes }) =>
        `${formatDuration(minutes_reservees, 'ar')} من ${formatDuration(minutes_ouvertes, 'ar')}`,
      absences: ({ venus, absents }) => `غياب: ${absents}، حضور: ${venus}`,
      delais: ({ nombre, p90_heures }) => `9 من 10: ${hours(p90_heures, 'ar')} (${nombre})`,
      annulations: ({ annules, demandes, tardifs }) =>
        `${annules} من ${demandes}${tardifs === 0 ? '' : `، منها متأخرة: ${tardifs}`}`,
      'par-intervenant': ({ venus, absents, annules }) =>
        `حضور: ${venus}، غياب: ${absents}، إلغاء: ${annules}`,
    },
  },
};
