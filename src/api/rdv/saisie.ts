import { toE164 } from '../../domain/identite/telephone';
import { faultsOfReponses } from '../../domain/rendez-vous/reponses';
import { TEXTES_PAGE } from '../../domain/rendez-vous/textes-page';
import type { PrestationPublique } from '../../services/rendez-vous/public';
import type { Reservation } from '../../services/rendez-vous/reservation';
import { email, personName } from '../http/schemas';
import type { Demande } from './demande';
import { nomDuChamp } from './formulaire';

/** What was typed into the form, as it is booked; or what is wrong with it, in the words of the page. */

export interface Saisie {
  reservation: Reservation;
  saisi: Readonly<Record<string, string>>;
  fautes: ReadonlyMap<string, string>;
}

/** Characters of any field that are read at all. */
const MAX = 4_000;

export function lireReservation(
  champs: Readonly<Record<string, unknown>>,
  { slug, questions, lieu }: PrestationPublique,
  { langue, duree, personne, retenue, fuseau }: Demande,
  debut: Date,
  pays: string | null,
): Saisie {
  const t = TEXTES_PAGE[langue].champs;
  const names = ['nom', 'email', 'telephone', ...questions.map(({ nom }) => nomDuChamp(nom))];
  const saisi = Object.fromEntries(
    names.map((name) => [name, typeof champs[name] === 'string' ? champs[name].trim().slice(0, MAX) : '']),
  );
  const fautes = new Map<string, string>();
  const nom = personName.safeParse(saisi.nom);
  if (!nom.success) fautes.set('nom', t.nom);
  const adresse = email.safeParse(saisi.email);
  if (!adresse.success) fautes.set('email', t.email);
  const telephone = saisi.telephone === '' ? null : toE164(saisi.telephone!, pays);
  const isMissing = saisi.telephone === '' && lieu?.type === 'telephone';
  if (isMissing || (saisi.telephone !== '' && telephone === null)) fautes.set('telephone', t.telephone);

  const reponses: Record<string, unknown> = {};
  for (const { nom: name, type } of questions) {
    const value = saisi[nomDuChamp(name)]!;
    if (type === 'case') reponses[name] = value !== '';
    else if (value !== '') reponses[name] = type === 'nombre' ? Number(value.replace(',', '.')) : value;
  }
  for (const { champ } of faultsOfReponses(questions, reponses)) {
    const name = nomDuChamp(champ.replace(/^reponses\./, ''));
    fautes.set(name, saisi[name] === '' ? t.obligatoire : t.invalide);
  }
  return {
    saisi,
    fautes,
    reservation: {
      prestation: slug,
      debut,
      duree,
      intervenant_id: personne,
      retenue,
      reponses,
      participants: [
        {
          nom: nom.data ?? '',
          email: adresse.data ?? null,
          telephone,
          langue,
          fuseau_horaire: fuseau ?? null,
        },
      ],
    },
  };
}
