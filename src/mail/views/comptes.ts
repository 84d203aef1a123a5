import { describeAgent } from '../../domain/identite/appareil';
import { type ContenuAvis, type ContenuLien, compteText } from '../../domain/identite/textes';
import { MAIL } from '../../domain/limites';
import { clip } from '../../domain/lines';
import type { Role } from '../../domain/roles';
import { formatInstant, type WrittenLangue } from '../../domain/writing';
import { type Badge, LIBELLES, lines, type MailView, type RenderOptions, rowsOf } from './view';

/** The page on which a password is chosen, or a link for that asked for (`api/password-page`). */
const PAGE = '/mot-de-passe';

/** A link by which somebody chooses a password. The token stands behind the `#`: no server or log sees it. */
export function lienView(contenu: ContenuLien, langue: WrittenLangue, options: RenderOptions): MailView {
  const { modele, donnees } = contenu;
  const textes = TEXTES[langue];
  const written = (date: string) => formatInstant(date, langue, options.timeZone);
  const token = options.linkToken(donnees.lien.id);
  return {
    ...common(contenu, langue, options),
    badges: [{ texte: textes.compte, ...BADGE_COMPTE }],
    details: rowsOf([
      [textes.lignes.validite, written(donnees.lien.date_expiration)],
      [textes.lignes.demande, written(donnees.date)],
      // Of an invitation it would be that of whoever invites.
      [textes.lignes.adresse, modele === 'reinitialisation' ? donnees.adresse : null],
    ]),
    action: {
      url: `${options.publicUrl}${PAGE}#jeton=${token}`,
      texte: textes.choisir,
      invitation: null,
    },
    note: modele === 'reinitialisation' ? textes.pasDemande : textes.pasAttendu,
  };
}

/** A notice of what was done to the account, and what to do if it was not them. */
export function avisView(contenu: ContenuAvis, langue: WrittenLangue, options: RenderOptions): MailView {
  const { modele, donnees } = contenu;
  const textes = TEXTES[langue];
  const { lignes: labels } = textes;
  const { session, cle } = donnees;
  const written = (date: string) => formatInstant(date, langue, options.timeZone);
  const aboutSession = modele === 'session_compromise';
  // A link asked for from the former mailbox would go to the new one.
  const aboutAddress = modele === 'adresse_changee';
  return {
    ...common(contenu, langue, options),
    badges: [{ texte: textes.securite, ...(aboutSession ? BADGE_ALERTE : BADGE_SECURITE) }],
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
          url: `${options.publicUrl}${PAGE}`,
          texte: textes.choisir,
          invitation: aboutSession ? null : modele === 'cle_api_creee' ? textes.pasVousCle : textes.pasVous,
        },
    note: aboutAddress ? textes.pasVoulu : null,
  };
}

function common(
  contenu: ContenuLien | ContenuAvis,
  langue: WrittenLangue,
  { correlationId }: RenderOptions,
): Omit<MailView, 'badges' | 'details' | 'action' | 'note'> {
  const { titre, message: whole } = compteText(contenu, langue);
  const message = clip(whole, MAIL.texte);
  return {
    langue,
    libelles: LIBELLES[langue],
    sujet: titre,
    titre,
    message,
    message_lignes: lines(message),
    pieces: null,
    autres_pieces: null,
    correlation: correlationId ?? null,
  };
}

type Look = Omit<Badge, 'texte'>;
const BADGE_COMPTE: Look = { fond: '#dcebfa', encre: '#14507f' };
const BADGE_SECURITE: Look = { fond: '#fdeacd', encre: '#854300' };
const BADGE_ALERTE: Look = { fond: '#fbdcdc', encre: '#951d1d' };

interface Textes {
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
  roles: Record<Role, string>;
  jamais: string;
  choisir: string;
  pasDemande: string;
  pasAttendu: string;
  pasVous: string;
  pasVousCle: string;
  pasVoulu: string;
}

const TEXTES: Record<WrittenLangue, Textes> = {
  fr: {
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
};
