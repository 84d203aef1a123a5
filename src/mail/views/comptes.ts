import { describeAgent } from '../../domain/identite/appareil';
import {
  adresseText,
  type ContenuAdresse,
  type ContenuAvis,
  type ContenuLien,
  compteText,
} from '../../domain/identite/textes';
import { MAIL } from '../../domain/limites';
import { clipLine } from '../../domain/lines';
import type { RoleCle } from '../../domain/roles';
import { formatInstant, fullName, isolated, type Langue } from '../../domain/writing';
import { type MailView, mailView, type RenderOptions, rowsOf } from './view';

/** The page on which a password is chosen, or a link for that asked for (`api/password-page`). */
function page({ publicUrl }: RenderOptions, langue: Langue): string {
  // It asks the browser for its language, and few are set to Arabic where people read it.
  return `${publicUrl}/mot-de-passe${langue === 'ar' ? '?langue=ar' : ''}`;
}

/** A link by which somebody chooses a password. The token stands behind the `#`: no server or log sees it. */
export function lienView(contenu: ContenuLien, langue: Langue, options: RenderOptions): MailView {
  const { modele, donnees } = contenu;
  const textes = TEXTES[langue];
  const written = (date: string) => formatInstant(date, langue, options.timeZone);
  const token = options.linkToken(donnees.lien.id);
  const { titre, message } = compteText(contenu, langue);
  return mailView(langue, options, {
    sujet: titre,
    titre,
    message,
    badges: [{ texte: textes.compte, ton: 'info' }],
    details: rowsOf([
      [textes.lignes.validite, written(donnees.lien.date_expiration)],
      [textes.lignes.demande, written(donnees.date)],
      // Of an invitation it would be that of whoever invites.
      [textes.lignes.adresse, modele === 'reinitialisation' ? donnees.adresse : null],
    ]),
    action: {
      url: `${page(options, langue)}#jeton=${token}`,
      texte: textes.choisir,
      invitation: null,
    },
    note: modele === 'reinitialisation' ? textes.pasDemande : textes.pasAttendu,
  });
}

/** A notice of what was done to the account, and what to do if it was not them. */
export function avisView(contenu: ContenuAvis, langue: Langue, options: RenderOptions): MailView {
  const { modele, donnees } = contenu;
  const textes = TEXTES[langue];
  const { lignes: labels } = textes;
  const { session, cle } = donnees;
  const written = (date: string) => formatInstant(date, langue, options.timeZone);
  const aboutSession = modele === 'session_compromise';
  // A link asked for from the former mailbox would go to the new one.
  const aboutAddress = modele === 'adresse_changee';
  const { titre, message } = compteText(contenu, langue);
  return mailView(langue, options, {
    sujet: titre,
    titre,
    message,
    badges: [{ texte: textes.securite, ton: aboutSession ? 'alerte' : 'attention' }],
    details: rowsOf([
      [labels.date, written(donnees.date)],
      [labels.adresse, donnees.adresse],
      [labels.session, aboutSession && session ? written(session.date_creation) : null],
      [labels.adresseSession, aboutSession && session ? session.adresse : null],
      [labels.appareil, session && describeAgent(session.agent)],
      [labels.cle, cle?.nom],
      [labels.role, cle && textes.roles[cle.role]],
      [labels.expiration, cle && (cle.date_expiration ? written(cle.date_expiration) : textes.jamais)],
    ]),
    action: aboutAddress
      ? null
      : {
          url: page(options, langue),
          texte: textes.choisir,
          invitation: aboutSession ? null : modele === 'cle_api_creee' ? textes.pasVousCle : textes.pasVous,
        },
    note: aboutAddress ? textes.pasVoulu : null,
  });
}

/** For administrators: whose address takes no mail, in whose words, and where it is put right. */
export function adresseView(contenu: ContenuAdresse, langue: Langue, options: RenderOptions): MailView {
  const { donnees } = contenu;
  const textes = TEXTES[langue];
  const { lignes: labels, refus } = textes;
  return mailView(langue, options, {
    ...adresseText(contenu, langue),
    sujet: clipLine(refus.sujet(fullName(donnees)), MAIL.ligne),
    sujetFil: `user-${donnees.user_id}`,
    badges: [{ texte: refus.badge, ton: 'attention' }],
    details: rowsOf([
      [refus.personne, fullName(donnees)],
      [refus.email, donnees.email],
      [labels.date, formatInstant(donnees.date, langue, options.timeZone)],
    ]),
    citations: rowsOf([[refus.reponse, donnees.raison]]),
    action: {
      url: `${options.publicUrl}/users/${donnees.user_id}`,
      texte: refus.ouvrir,
      invitation: refus.demande,
    },
  });
}

interface Textes {
  refus: {
    sujet: (nom: string) => string;
    badge: string;
    personne: string;
    email: string;
    reponse: string;
    demande: string;
    ouvrir: string;
  };
  compte: string;
  securite: string;
  lignes: Record<
    | 'validite'
    | 'demande'
    | 'date'
    | 'adresse'
    | 'session'
    | 'adresseSession'
    | 'appareil'
    | 'cle'
    | 'role'
    | 'expiration',
    string
  >;
  roles: Record<RoleCle, string>;
  jamais: string;
  choisir: string;
  pasDemande: string;
  pasAttendu: string;
  pasVous: string;
  pasVousCle: string;
  pasVoulu: string;
}

const TEXTES: Record<Langue, Textes> = {
  fr: {
    refus: {
      sujet: (nom) => `Adresse de ${nom}`,
      badge: 'Emails',
      personne: 'Personne',
      email: 'Adresse email',
      reponse: 'Réponse du serveur',
      demande: "À faire : corrigez l'adresse, ou confirmez-la si elle est juste.",
      ouvrir: 'Voir la personne',
    },
    compte: 'Votre compte',
    securite: 'Sécurité du compte',
    lignes: {
      validite: "Lien valable jusqu'au",
      demande: 'Demandé le',
      date: 'Date',
      adresse: "Depuis l'adresse",
      session: 'Session ouverte le',
      adresseSession: "Ouverte depuis l'adresse",
      appareil: 'Appareil',
      cle: 'Clé',
      role: 'Rôle',
      expiration: 'Expiration',
    },
    roles: {
      admin: 'administrateur',
      responsable: 'responsable',
      technicien: 'technicien',
      client: 'client',
    },
    jamais: 'jamais',
    choisir: 'Choisir un mot de passe',
    pasDemande:
      "Vous n'avez rien demandé ? Ne faites rien : votre mot de passe reste le même, et ce lien ne sert qu'à qui lit ce " +
      'message. Ne le transmettez à personne.',
    pasAttendu:
      "Vous n'attendiez pas ce message ? Ne faites rien. Le lien ne sert qu'une fois ; ne le transmettez à personne.",
    pasVous:
      "Ce n'était pas vous ? Demandez aussitôt un nouveau mot de passe, qui mettra fin à toutes vos sessions, et " +
      'prévenez votre administrateur.',
    pasVousCle:
      "Ce n'était pas vous ? Révoquez cette clé, demandez aussitôt un nouveau mot de passe et prévenez votre " +
      'administrateur.',
    pasVoulu:
      "Vous ne l'avez pas voulu ? Prévenez aussitôt votre administrateur : un lien pour choisir un mot de passe partirait " +
      'désormais à la nouvelle adresse.',
  },
  en: {
    refus: {
      sujet: (nom) => `Address of ${nom}`,
      badge: 'Emails',
      personne: 'Person',
      email: 'Email address',
      reponse: 'Answer of the server',
      demande: 'To do: correct the address, or confirm it if it is right.',
      ouvrir: 'View the person',
    },
    compte: 'Your account',
    securite: 'Account security',
    lignes: {
      validite: 'Link valid until',
      demande: 'Asked for on',
      date: 'Date',
      adresse: 'From the address',
      session: 'Session opened on',
      adresseSession: 'Opened from the address',
      appareil: 'Device',
      cle: 'Key',
      role: 'Role',
      expiration: 'Expiry',
    },
    roles: { admin: 'administrator', responsable: 'manager', technicien: 'technician', client: 'client' },
    jamais: 'never',
    choisir: 'Choose a password',
    pasDemande:
      'You did not ask for anything? Do nothing: your password stays the same, and this link is of use only to whoever ' +
      'reads this message. Do not pass it on to anybody.',
    pasAttendu:
      'You did not expect this message? Do nothing. The link works only once; do not pass it on to anybody.',
    pasVous:
      'Was it not you? Ask for a new password at once, which will end all your sessions, and tell your administrator.',
    pasVousCle:
      'Was it not you? Revoke this key, ask for a new password at once and tell your administrator.',
    pasVoulu:
      'You did not want this? Tell your administrator at once: a link to choose a password would now go to the new address.',
  },
  ar: {
    refus: {
      sujet: (nom) => `عنوان ${isolated(nom, 'ar')}`,
      badge: 'البريد',
      personne: 'الشخص',
      email: 'عنوان البريد',
      reponse: 'جواب الخادم',
      demande: 'المطلوب: صحّح العنوان، أو أكّده إن كان صحيحًا.',
      ouvrir: 'عرض الشخص',
    },
    compte: 'حسابك',
    securite: 'أمان الحساب',
    lignes: {
      validite: 'الرابط صالح إلى غاية',
      demande: 'طُلب في',
      date: 'التاريخ',
      adresse: 'من العنوان',
      session: 'جلسة فُتحت في',
      adresseSession: 'فُتحت من العنوان',
      appareil: 'الجهاز',
      cle: 'المفتاح',
      role: 'الدور',
      expiration: 'انتهاء الصلاحية',
    },
    roles: { admin: 'مدير', responsable: 'مسؤول', technicien: 'تقني', client: 'زبون' },
    jamais: 'أبدًا',
    choisir: 'اختيار كلمة مرور',
    pasDemande:
      'لم تطلب شيئًا؟ لا تفعل شيئًا: تبقى كلمة مرورك كما هي، ولا يفيد هذا الرابط إلا من يقرأ هذه الرسالة. لا ترسله إلى أحد.',
    pasAttendu: 'لم تكن تنتظر هذه الرسالة؟ لا تفعل شيئًا. يصلح الرابط مرة واحدة فقط؛ لا ترسله إلى أحد.',
    pasVous: 'لم تكن أنت؟ اطلب فورًا كلمة مرور جديدة، وستنتهي بها كل جلساتك، وأخبر المدير.',
    pasVousCle: 'لم تكن أنت؟ ألغِ هذا المفتاح، واطلب فورًا كلمة مرور جديدة، وأخبر المدير.',
    pasVoulu: 'لم ترد ذلك؟ أخبر المدير فورًا: أي رابط لاختيار كلمة المرور سيُرسل من الآن إلى العنوان الجديد.',
  },
};
