import type { TexteCourt } from '../messages/sms';
import type { Langue } from '../writing';
import type { ContenuStock, ModeleStock } from './textes';

/** What a text message says of the stock. */
export function stockSms({ modele, donnees }: ContenuStock, langue: Langue): TexteCourt {
  const { reference, designation, disponible, seuil_alerte } = donnees;
  return {
    debut: `${PHRASES[langue][modele]} : ${reference} `,
    nom: designation,
    fin: ` (${disponible}/${seuil_alerte})`,
  };
}

const PHRASES: Record<Langue, Record<ModeleStock, string>> = {
  fr: { stock_bas: 'Stock bas' },
  en: { stock_bas: 'Low stock' },
  ar: { stock_bas: 'مخزون منخفض' },
};
