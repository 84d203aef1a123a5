import { type ContenuWebhook, webhookText } from '../../domain/echanges/textes';
import { MAIL } from '../../domain/limites';
import { clipLine } from '../../domain/lines';
import { formatInstant, isolated, type Langue } from '../../domain/writing';
import { type MailView, mailView, type RenderOptions, rowsOf } from './view';

/** A message about a webhook: the facts in a table, and one action that leads to it. */
export function webhookView(contenu: ContenuWebhook, langue: Langue, options: RenderOptions): MailView {
  const { donnees } = contenu;
  const textes = TEXTES[langue];
  return mailView(langue, options, {
    ...webhookText(contenu, langue),
    sujet: clipLine(textes.sujet(donnees.hote), MAIL.ligne),
    sujetFil: `webhook-${donnees.webhook_id}`,
    badges: [{ texte: textes.webhook, ton: 'alerte' }],
    details: rowsOf([
      [textes.hote, donnees.hote],
      [textes.depuis, formatInstant(donnees.depuis, langue, donnees.fuseau_horaire)],
    ]),
    action: {
      url: `${options.publicUrl}/webhooks/${donnees.webhook_id}`,
      texte: textes.ouvrir,
      invitation: textes.demande,
    },
    note: textes.note,
  });
}

interface Textes {
  sujet: (hote: string) => string;
  webhook: string;
  hote: string;
  depuis: string;
  demande: string;
  ouvrir: string;
  note: string;
}

const TEXTES: Record<Langue, Textes> = {
  fr: {
    sujet: (hote) => `Webhook vers ${hote}`,
    webhook: 'Webhook',
    hote: 'Destinataire',
    depuis: 'En échec depuis',
    demande: 'À faire : rétablissez le destinataire, puis réactivez le webhook.',
    ouvrir: 'Voir le webhook',
    note: 'Ce qui n’a pu être livré y reste visible et peut être rejoué une fois le webhook réactivé.',
  },
  en: {
    sujet: (hote) => `Webhook to ${hote}`,
    webhook: 'Webhook',
    hote: 'Receiver',
    depuis: 'Failing since',
    demande: 'To do: have the receiver work again, then switch the webhook on.',
    ouvrir: 'View the webhook',
    note: 'What could not be delivered can be seen there, and sent again once the webhook is back on.',
  },
  ar: {
    sujet: (hote) => `الويب هوك إلى ${isolated(hote, 'ar')}`,
    webhook: 'ويب هوك',
    hote: 'المستلم',
    depuis: 'يفشل منذ',
    demande: 'المطلوب: أصلح المستلم، ثم أعد تشغيل الويب هوك.',
    ouvrir: 'عرض الويب هوك',
    note: 'ما لم يُسلَّم يبقى ظاهرا هناك، ويمكن إرساله من جديد بعد إعادة التشغيل.',
  },
};
