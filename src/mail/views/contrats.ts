import { MAIL } from '../../domain/limites';
import { clipLine } from '../../domain/lines';
import { type ContenuContrat, contratText } from '../../domain/parc/textes';
import { isolated, type Langue } from '../../domain/writing';
import { type MailView, mailView, type RenderOptions, rowsOf } from './view';

/** A message about a contract: the facts in a table, and one action that leads to it. */
export function contratView(contenu: ContenuContrat, langue: Langue, options: RenderOptions): MailView {
  const { donnees } = contenu;
  const textes = TEXTES[langue];
  const { visites_faites: faites, visites_incluses: incluses } = donnees;
  return mailView(langue, options, {
    ...contratText(contenu, langue),
    // The same for whatever is said of this contract: mailboxes that go by the subject keep it in one thread.
    sujet: clipLine(textes.sujet(donnees.reference, donnees.client), MAIL.ligne),
    sujetFil: `contrat-${donnees.contrat_id}`,
    badges: [{ texte: textes.contrat, ton: 'attention' }],
    details: rowsOf([
      [textes.reference, donnees.reference],
      [textes.client, donnees.client],
      [textes.site, donnees.site],
      [textes.fin, donnees.date_fin],
      [textes.visites, incluses === null ? String(faites) : `${faites} / ${incluses}`],
    ]),
    action: {
      url: `${options.publicUrl}/contrats/${donnees.contrat_id}`,
      texte: textes.ouvrir,
      invitation: textes.demande,
    },
  });
}

interface Textes {
  sujet: (reference: string, client: string) => string;
  contrat: string;
  reference: string;
  client: string;
  site: string;
  fin: string;
  visites: string;
  demande: string;
  ouvrir: string;
}

const TEXTES: Record<Langue, Textes> = {
  fr: {
    sujet: (reference, client) => `Contrat ${reference} : ${client}`,
    contrat: 'Contrat',
    reference: 'Référence',
    client: 'Client',
    site: 'Site',
    fin: 'Fin',
    visites: 'Visites faites',
    demande: 'À faire : renouvelez le contrat, ou convenez de la suite avec le client.',
    ouvrir: 'Voir le contrat',
  },
  en: {
    sujet: (reference, client) => `Contract ${reference}: ${client}`,
    contrat: 'Contract',
    reference: 'Reference',
    client: 'Customer',
    site: 'Site',
    fin: 'End',
    visites: 'Visits made',
    demande: 'To do: renew the contract, or agree with the customer on what follows.',
    ouvrir: 'View the contract',
  },
  ar: {
    sujet: (reference, client) => `العقد ${isolated(reference, 'ar')}: ${isolated(client, 'ar')}`,
    contrat: 'عقد',
    reference: 'المرجع',
    client: 'العميل',
    site: 'الموقع',
    fin: 'النهاية',
    visites: 'الزيارات المنجزة',
    demande: 'المطلوب: جدّد العقد، أو اتفق مع العميل على ما بعده.',
    ouvrir: 'عرض العقد',
  },
};
