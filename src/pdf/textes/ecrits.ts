import type { TypeCertificat } from '../../domain/cabinet/certificats';
import type { Sexe } from '../../domain/cabinet/identites';
import { isolated as iso } from '../bidi';

/**
 * What ordonnances and certificates say beside what doctors wrote. They are in French; a copy may stand beside them in Arabic,
 * which says that it is one.
 */
export interface TextesEcrit {
  ordonnance: string;
  certificat: string;
  /** What a copy says of itself; null of the original. */
  copie: string | null;
  prescripteur: string;
  numero(type: string, numero: string): string;
  telephone(numero: string): string;
  patient: string;
  neLe(sexe: Sexe, date: string): string;
  sexe: Record<Sexe, string>;
  libelleSexe: string;
  poids: string;
  taille: string;
  prescription: string;
  posologie: string;
  mode: string;
  pendant(jours: number): string;
  boites(nombre: number): string;
  renouveler(fois: number): string;
  nonRenouvelable: string;
  nonSubstituable: string;
  remarques: string;
  types: Record<TypeCertificat, string>;
  periode(debut: string, fin: string | null): string;
  diagnostic(texte: string): string;
  remis: Record<'patient' | 'representant', string>;
  signe(nom: string, date: string): string;
  reference(id: number): string;
  page(page: number, count: number): string;
  virgule: string;
  label(label: string, valeur: string): string;
}

export const ECRITS: Readonly<Record<'fr' | 'ar', TextesEcrit>> = {
  fr: {
    ordonnance: 'Ordonnance',
    certificat: 'Certificat médical',
    copie: null,
    prescripteur: 'Prescripteur',
    numero: (type, numero) =>
      type === 'Ordre' ? `N° d’inscription à l’ordre : ${numero}` : `${type} : ${numero}`,
    telephone: (numero) => `Tél. ${numero}`,
    patient: 'Patient',
    neLe: (sexe, date) => `${{ F: 'née', M: 'né', I: 'né(e)' }[sexe]} le ${date}`,
    libelleSexe: 'Sexe',
    sexe: { F: 'Féminin', M: 'Masculin', I: 'Indéterminé' },
    poids: 'Poids',
    taille: 'Taille',
    prescription: 'Prescription',
    posologie: 'Posologie',
    mode: 'Mode d’emploi',
    pendant: (jours) => `pendant ${jours} jour${jours > 1 ? 's' : ''}`,
    boites: (nombre) => `qsp ${nombre} boîte${nombre > 1 ? 's' : ''}`,
    renouveler: (fois) => `à renouveler ${fois} fois`,
    nonRenouvelable: 'non renouvelable',
    nonSubstituable: 'NON SUBSTITUABLE',
    remarques: 'Remarques',
    types: {
      presence: 'Certificat de présence',
      repos: 'Certificat de repos',
      arret_travail: 'Certificat d’arrêt de travail',
      aptitude: 'Certificat d’aptitude',
      inaptitude: 'Certificat d’inaptitude',
      scolaire: 'Certificat médical scolaire',
      bonne_sante: 'Certificat de bonne santé',
      autre: 'Certificat médical',
    },
    periode: (debut, fin) => (fin === null ? `À compter du ${debut}` : `Du ${debut} au ${fin} inclus`),
    diagnostic: (texte) => `Avec l’accord de l’intéressé(e), diagnostic : ${texte}`,
    remis: {
      patient:
        'Certificat établi à la demande de l’intéressé(e) et remis en main propre pour faire valoir ce que de droit.',
      representant:
        'Certificat établi à la demande du représentant légal de l’intéressé(e) et remis en main propre pour faire valoir ce que de droit.',
    },
    signe: (nom, date) => `Signé électroniquement par ${nom}, le ${date}`,
    reference: (id) => `n° ${id}`,
    page: (page, count) => `Page ${page} / ${count}`,
    virgule: ', ',
    label: (label, valeur) => `${label} : ${valeur}`,
  },
  ar: {
    ordonnance: 'وصفة طبية',
    certificat: 'شهادة طبية',
    copie: 'ترجمة للاطلاع. النسخة الفرنسية هي الأصل وهي وحدها المعتمدة.',
    prescripteur: 'الطبيب',
    numero: (type, numero) =>
      type === 'Ordre' ? `رقم التسجيل بالهيئة: ${iso(numero)}` : `${iso(type)}: ${iso(numero)}`,
    telephone: (numero) => `الهاتف ${iso(numero)}`,
    patient: 'المريض',
    neLe: (_, date) => `تاريخ الازدياد ${iso(date)}`,
    libelleSexe: 'الجنس',
    sexe: { F: 'أنثى', M: 'ذكر', I: 'غير محدد' },
    poids: 'الوزن',
    taille: 'القامة',
    prescription: 'الأدوية',
    posologie: 'الجرعة',
    mode: 'طريقة الاستعمال',
    pendant: (jours) => `لمدة ${iso(String(jours))} ${jours >= 3 && jours <= 10 ? 'أيام' : 'يوما'}`,
    boites: (nombre) => `عدد العلب: ${iso(String(nombre))}`,
    renouveler: (fois) => `تجدد ${iso(String(fois))} مرات`,
    nonRenouvelable: 'لا تجدد',
    nonSubstituable: 'غير قابل للاستبدال',
    remarques: 'ملاحظات',
    types: {
      presence: 'شهادة حضور',
      repos: 'شهادة راحة',
      arret_travail: 'شهادة توقف عن العمل',
      aptitude: 'شهادة أهلية',
      inaptitude: 'شهادة عدم أهلية',
      scolaire: 'شهادة طبية مدرسية',
      bonne_sante: 'شهادة صحة جيدة',
      autre: 'شهادة طبية',
    },
    periode: (debut, fin) =>
      fin === null ? `ابتداء من ${iso(debut)}` : `من ${iso(debut)} إلى ${iso(fin)} ضمنا`,
    diagnostic: (texte) => `بموافقة المعني بالأمر، التشخيص: ${iso(texte)}`,
    remis: {
      patient: 'حررت هذه الشهادة بطلب من المعني بالأمر وسلمت له شخصيا للإدلاء بها عند الحاجة.',
      representant:
        'حررت هذه الشهادة بطلب من الممثل القانوني للمعني بالأمر وسلمت له شخصيا للإدلاء بها عند الحاجة.',
    },
    signe: (nom, date) => `وقع إلكترونيا من طرف ${iso(nom)}، في ${iso(date)}`,
    reference: (id) => `رقم ${iso(String(id))}`,
    page: (page, count) => `صفحة ${page} من ${count}`,
    virgule: '، ',
    label: (label, valeur) => `${label}: ${valeur.includes('\u2068') ? valeur : iso(valeur)}`,
  },
};
