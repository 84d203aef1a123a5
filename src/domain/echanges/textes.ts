import { formatInstant, isolated, type Langue, type MessageText } from '../writing';

/** What people are told about webhooks, in their language. */

export const MODELES_WEBHOOK = ['webhook_desactive'] as const;
export type ModeleWebhook = (typeof MODELES_WEBHOOK)[number];

export interface ContenuWebhook {
  modele: ModeleWebhook;
  donnees: DonneesWebhook;
}

/** The facts of a message. JSON-safe: it is stored with the message. */
export interface DonneesWebhook {
  webhook_id: number;
  /** Whom it told: the host alone, since the rest of a URL may be as good as a password. */
  hote: string;
  /** `echecs`: for three days nothing was taken; `parti`: the receiver wants nothing more. */
  motif: 'echecs' | 'parti';
  /** Since when it failed, as an instant of RFC 3339. */
  depuis: string;
  fuseau_horaire: string;
}

/** The title, the sentence and the severity of a message about a webhook. */
export function webhookText({ modele, donnees }: ContenuWebhook, langue: Langue): MessageText {
  const { titre, message } = CATALOGUE[langue][modele];
  return { titre, message: message(donnees, langue), type: 'error' };
}

const CATALOGUE: Record<
  Langue,
  Record<ModeleWebhook, { titre: string; message: (donnees: DonneesWebhook, langue: Langue) => string }>
> = {
  fr: {
    webhook_desactive: {
      titre: 'Webhook désactivé',
      message: ({ hote, motif, depuis, fuseau_horaire }, langue) =>
        motif === 'parti'
          ? `Le webhook vers ${hote} est désactivé : son destinataire a répondu qu'il n'en veut plus (410)`
          : `Le webhook vers ${hote} est désactivé : aucune livraison n'y aboutit depuis ${formatInstant(depuis, langue, fuseau_horaire)}`,
    },
  },
  en: {
    webhook_desactive: {
      titre: 'Webhook switched off',
      message: ({ hote, motif, depuis, fuseau_horaire }, langue) =>
        motif === 'parti'
          ? `The webhook to ${hote} has been switched off: its receiver answered that it wants no more (410)`
          : `The webhook to ${hote} has been switched off: no delivery has succeeded since ${formatInstant(depuis, langue, fuseau_horaire)}`,
    },
  },
  ar: {
    webhook_desactive: {
      titre: 'أوقف الويب هوك',
      message: ({ hote, motif, depuis, fuseau_horaire }, langue) =>
        motif === 'parti'
          ? `أوقف الويب هوك إلى ${isolated(hote, 'ar')}: أجاب المستلم بأنه لا يريد المزيد (410)`
          : `أوقف الويب هوك إلى ${isolated(hote, 'ar')}: لم ينجح أي تسليم منذ ${formatInstant(depuis, langue, fuseau_horaire)}`,
    },
  },
};

/** The titles of these messages, in every language. */
export const TITRES_WEBHOOK: readonly string[] = Object.values(CATALOGUE).flatMap((textes) =>
  Object.values(textes).map(({ titre }) => titre),
);
