import type { RoleCle } from '../roles';
import { fullName, isolated, type Langue, type MessageText, type TypeNotification } from '../writing';

/**
 * What people are told about their account: links by which they choose a password, and notices of what was done to
 * it. None holds a secret: the token of a link is made of its id when the mail is written.
 */

export const MODELES_LIEN = ['reinitialisation', 'invitation'] as const;
export type ModeleLien = (typeof MODELES_LIEN)[number];

export const MODELES_AVIS = [
  'mot_de_passe_change',
  'adresse_changee',
  'session_compromise',
  'second_facteur_active',
  'second_facteur_retire',
  'codes_secours_renouveles',
  'cle_api_creee',
] as const;
export type ModeleAvis = (typeof MODELES_AVIS)[number];

/** Told to administrators. */
export const MODELES_ADRESSE = ['email_invalide'] as const;
export type ModeleAdresse = (typeof MODELES_ADRESSE)[number];

export type ContenuLien = { modele: ModeleLien; donnees: DonneesLien };
export type ContenuAvis = { modele: ModeleAvis; donnees: DonneesAvis };
export type ContenuAdresse = { modele: ModeleAdresse; donnees: DonneesAdresse };

/** Whose address takes no mail, as their mail server says. JSON-safe: it is stored with the message. */
export interface DonneesAdresse {
  user_id: number;
  nom: string;
  prenom: string;
  email: string;
  /** ISO instant. */
  date: string;
  /** In the words of the server. */
  raison: string;
}

/** When, from where and by whom it was done or asked for. JSON-safe: it is stored with the message. */
interface Circonstances {
  /** ISO instant. */
  date: string;
  /** Address of the client. */
  adresse: string | null;
  /** Who did it, when it was not the person themselves. */
  auteur: { nom: string; prenom: string } | null;
}

export interface DonneesLien extends Circonstances {
  lien: {
    id: string;
    /** ISO instant. */
    date_expiration: string;
  };
}

export interface DonneesAvis extends Circonstances {
  /** The session in which it was done or, for `session_compromise`, which was ended. */
  session: {
    /** ISO instant. */
    date_creation: string;
    adresse: string | null;
    /** `User-Agent` of the sign-in. */
    agent: string | null;
  } | null;
  /** For `cle_api_creee`. */
  cle?: CleAnnoncee;
  /** For `adresse_changee`: masked, since the former mailbox may be read by somebody else by now. */
  nouvel_email?: string;
}

export interface CleAnnoncee {
  nom: string;
  role: RoleCle;
  /** ISO instant; null when it serves until it is revoked. */
  date_expiration: string | null;
}

/** "k…@exemple.ma": enough for its owner to recognise it. */
export function maskedEmail(email: string): string {
  const [first] = email;
  return `${first}…${email.slice(email.lastIndexOf('@'))}`;
}

/** The title, the sentence and the severity of a message about an account. */
export function compteText(contenu: ContenuLien | ContenuAvis, langue: Langue): MessageText {
  const { titre, message } = CATALOGUE[langue][contenu.modele];
  return { titre, message: message(contenu.donnees), type: SEVERITIES[contenu.modele] };
}

type Catalogue = Record<
  ModeleLien | ModeleAvis,
  { titre: string; message: (donnees: Circonstances & Pick<DonneesAvis, 'cle' | 'nouvel_email'>) => string }
>;

const FRENCH: Catalogue = {
  reinitialisation: {
    titre: 'Choisissez un nouveau mot de passe',
    message: () => 'Un nouveau mot de passe a été demandé pour votre compte Régie.',
  },
  invitation: {
    titre: 'Bienvenue dans Régie',
    message: ({ auteur }) =>
      `${auteur ? `${fullName(auteur)} vous a ouvert un compte` : 'Un compte vous a été ouvert'} dans Régie. ` +
      "Choisissez votre mot de passe pour y entrer : personne d'autre ne le connaîtra. Votre identifiant est l'adresse à " +
      'laquelle ce message est envoyé.',
  },
  mot_de_passe_change: {
    titre: 'Mot de passe changé',
    message: ({ auteur }) =>
      `${auteur ? `${fullName(auteur)} a changé le mot de passe de votre compte` : 'Le mot de passe de votre compte a été changé'}. ` +
      'Vos autres sessions ont pris fin.',
  },
  adresse_changee: {
    titre: 'Adresse de connexion changée',
    message: ({ auteur, nouvel_email }) =>
      `${auteur ? `${fullName(auteur)} a changé l'adresse de votre compte` : "L'adresse de votre compte a été changée"}. ` +
      `Vous vous connectez désormais avec la nouvelle${nouvel_email ? `, ${nouvel_email}` : ''}.`,
  },
  session_compromise: {
    titre: 'Session fermée par sécurité',
    message: () =>
      "Un jeton de votre session a été présenté une seconde fois : quelqu'un l'a peut-être copié. La session a pris " +
      'fin. Par prudence, choisissez un nouveau mot de passe.',
  },
  second_facteur_active: {
    titre: 'Second facteur activé',
    message: () => 'Un code de votre application est désormais demandé à chaque connexion.',
  },
  second_facteur_retire: {
    titre: 'Second facteur retiré',
    message: ({ auteur }) =>
      `${auteur ? `${fullName(auteur)} a retiré le second facteur de votre compte` : 'Le second facteur de votre compte a été retiré'} : ` +
      'votre mot de passe suffit désormais pour vous connecter.',
  },
  codes_secours_renouveles: {
    titre: 'Codes de secours renouvelés',
    message: () => 'De nouveaux codes de secours remplacent les anciens, qui ne servent plus.',
  },
  cle_api_creee: {
    titre: "Clé d'API créée",
    message: ({ cle }) => `Une clé d'API a été créée en votre nom${cle ? ` : « ${cle.nom} »` : ''}`,
  },
};

const ENGLISH: Catalogue = {
  reinitialisation: {
    titre: 'Choose a new password',
    message: () => 'A new password was asked for for your Régie account.',
  },
  invitation: {
    titre: 'Welcome to Régie',
    message: ({ auteur }) =>
      `${auteur ? `${fullName(auteur)} has opened an account for you` : 'An account has been opened for you'} in Régie. ` +
      'Choose your password to enter: nobody else will know it. You sign in with the address to which this message is sent.',
  },
  mot_de_passe_change: {
    titre: 'Password changed',
    message: ({ auteur }) =>
      `${auteur ? `${fullName(auteur)} has changed the password of your account` : 'The password of your account has been changed'}. ` +
      'Your other sessions have ended.',
  },
  adresse_changee: {
    titre: 'Sign-in address changed',
    message: ({ auteur, nouvel_email }) =>
      `${auteur ? `${fullName(auteur)} has changed the address of your account` : 'The address of your account has been changed'}. ` +
      `From now on you sign in with the new one${nouvel_email ? `, ${nouvel_email}` : ''}.`,
  },
  session_compromise: {
    titre: 'Session closed for safety',
    message: () =>
      'A token of your session was presented a second time: somebody may have copied it. The session has ended. To be ' +
      'on the safe side, choose a new password.',
  },
  second_facteur_active: {
    titre: 'Second factor set up',
    message: () => 'From now on a code of your application is asked for at each sign-in.',
  },
  second_facteur_retire: {
    titre: 'Second factor removed',
    message: ({ auteur }) =>
      `${auteur ? `${fullName(auteur)} has removed the second factor of your account` : 'The second factor of your account has been removed'}: ` +
      'from now on your password is enough to sign in.',
  },
  codes_secours_renouveles: {
    titre: 'Recovery codes renewed',
    message: () => 'New recovery codes replace the former ones, which no longer work.',
  },
  cle_api_creee: {
    titre: 'API key created',
    message: ({ cle }) => `An API key was created in your name${cle ? `: “${cle.nom}”` : ''}`,
  },
};

const ARABIC: Catalogue = {
  reinitialisation: {
    titre: 'اختر كلمة مرور جديدة',
    message: () => `طُلبت كلمة مرور جديدة لحسابك في ${isolated('Régie', 'ar')}.`,
  },
  invitation: {
    titre: `مرحبًا بك في ${isolated('Régie', 'ar')}`,
    message: ({ auteur }) =>
      `${auteur ? `فتح لك ${arabicName(auteur)} حسابًا` : 'فُتح لك حساب'} في ${isolated('Régie', 'ar')}. ` +
      'اختر كلمة مرورك للدخول: لن يعرفها أحد غيرك. واسم دخولك هو العنوان الذي أُرسلت إليه هذه الرسالة.',
  },
  mot_de_passe_change: {
    titre: 'تغيّرت كلمة المرور',
    message: ({ auteur }) =>
      `${auteur ? `غيّر ${arabicName(auteur)} كلمة مرور حسابك` : 'تغيّرت كلمة مرور حسابك'}. انتهت جلساتك الأخرى.`,
  },
  adresse_changee: {
    titre: 'تغيّر عنوان تسجيل الدخول',
    message: ({ auteur, nouvel_email }) =>
      `${auteur ? `غيّر ${arabicName(auteur)} عنوان حسابك` : 'تغيّر عنوان حسابك'}. ` +
      `تسجّل الدخول من الآن بالعنوان الجديد${nouvel_email ? ` ${isolated(nouvel_email, 'ar')}` : ''}.`,
  },
  session_compromise: {
    titre: 'أُغلقت جلسة حفاظًا على أمانك',
    message: () =>
      'قُدّم رمز من رموز جلستك مرة ثانية: ربما نسخه أحد ما. انتهت الجلسة. احتياطًا، اختر كلمة مرور جديدة.',
  },
  second_facteur_active: {
    titre: 'فُعّل العامل الثاني',
    message: () => 'من الآن يُطلب رمز من تطبيقك عند كل تسجيل دخول.',
  },
  second_facteur_retire: {
    titre: 'أُزيل العامل الثاني',
    message: ({ auteur }) =>
      `${auteur ? `أزال ${arabicName(auteur)} العامل الثاني من حسابك` : 'أُزيل العامل الثاني من حسابك'}: ` +
      'تكفي كلمة مرورك من الآن لتسجيل الدخول.',
  },
  codes_secours_renouveles: {
    titre: 'جُدّدت رموز الطوارئ',
    message: () => 'حلّت رموز طوارئ جديدة محل القديمة التي لم تعد صالحة.',
  },
  cle_api_creee: {
    titre: `أُنشئ مفتاح ${isolated('API', 'ar')}`,
    message: ({ cle }) =>
      `أُنشئ باسمك مفتاح ${isolated('API', 'ar')}${cle ? `: «${isolated(cle.nom, 'ar')}»` : ''}`,
  },
};

function arabicName(personne: { nom: string; prenom: string }): string {
  return isolated(fullName(personne), 'ar');
}

const CATALOGUE: Record<Langue, Catalogue> = { fr: FRENCH, en: ENGLISH, ar: ARABIC };

const SEVERITIES: Record<ModeleLien | ModeleAvis, TypeNotification> = {
  reinitialisation: 'info',
  invitation: 'info',
  mot_de_passe_change: 'info',
  adresse_changee: 'warning',
  session_compromise: 'error',
  second_facteur_active: 'success',
  second_facteur_retire: 'warning',
  codes_secours_renouveles: 'info',
  cle_api_creee: 'info',
};

/** The title, the sentence and the severity of a message about somebody's address. */
export function adresseText({ donnees }: ContenuAdresse, langue: Langue): MessageText {
  const { titre, message } = ADRESSES[langue];
  return { titre, message: message(donnees), type: 'warning' };
}

const ADRESSES: Record<Langue, { titre: string; message: (donnees: DonneesAdresse) => string }> = {
  fr: {
    titre: 'Adresse email refusée',
    message: (d) =>
      `Le serveur de mail de ${fullName(d)} refuse les messages à ${d.email}. Plus rien n'y est envoyé tant que l'adresse ` +
      "n'a pas changé.",
  },
  en: {
    titre: 'Email address refused',
    message: (d) =>
      `The mail server of ${fullName(d)} refuses messages to ${d.email}. Nothing more is sent there until the address ` +
      'has changed.',
  },
  ar: {
    titre: 'عنوان بريد مرفوض',
    message: (d) =>
      `خادم بريد ${arabicName(d)} يرفض الرسائل إلى ${isolated(d.email, 'ar')}. لن يُرسل إليه شيء ما لم يتغير العنوان.`,
  },
};

/** The titles of these messages, in every language. */
export const TITRES_COMPTES: readonly string[] = [
  ...Object.values(CATALOGUE).flatMap((textes) => Object.values(textes).map(({ titre }) => titre)),
  ...Object.values(ADRESSES).map(({ titre }) => titre),
];
