import { randomUUID } from 'node:crypto';
import { RegieError, type Texte } from '../../domain/errors';
import { debutsDeSerie, type Recurrence } from '../../domain/rendez-vous/series';
import { annoncerSerie } from './annonces-series';
import { readChanged } from './lecture';
import { type Alternative, type AskedRendezVous, alternativesTo, DETAILS, type Raison } from './refus';
import {
  lockFor,
  otherHolds,
  type Pris,
  prendre,
  type Reservant,
  type Reservation,
  situationAt,
} from './reservation';

/**
 * Booking a series: everything that each of its appointments may take is locked once, in the order in which one booking does;
 * then they are made one after the other, each read among those before it, so that notices, windows and caps are judged of
 * each with the earlier ones counted. All of it is one transaction (docs/decisions/055).
 */

/** What came of one appointment of a series. */
export interface Occurrence {
  debut: Date;
  fin: Date;
  /** Null where there is none, for the reason that follows. */
  id: number | null;
  uid: string | null;
  statut: 'a_valider' | 'confirme' | null;
  code: Raison | null;
  raison: string | null;
  /** Times near it that are free of others, and of the rest of the series. */
  alternatives: Alternative[];
}

export interface Serie {
  serie_id: string;
  occurrences: Occurrence[];
}

/** How far from an appointment of a series another time for it is looked for, in milliseconds. */
const NEAR = 14 * 24 * 3_600_000;

/**
 * Books a series, all of it or, where that is asked for, what of it can be had. What is held for the caller becomes the first.
 * @param langue in which reasons are told.
 * @throws {RegieError} `VALIDATION` for a rule that cannot be, as `reserver` (`reservation.ts`), and with the code of the first
 *   appointment that cannot be had when nothing is booked; `occurrences` names each then
 */
export async function reserverSerie(
  asked: AskedRendezVous,
  reservation: Reservation,
  { regle, en_conflit }: Recurrence,
  reservant: Reservant,
  langue: keyof Texte,
): Promise<Serie> {
  const { retenue, ...each } = reservation;
  await lockFor(asked, reservation, otherHolds(reservation, reservant));
  const { prestation, zone } = await situationAt(asked, { ...each, appelant: reservant.appelant });
  const debuts = debutsDeSerie(regle, reservation.debut.getTime(), zone, prestation.rejouer_regle);
  const minutes = reservation.duree ?? prestation.durees[0]!;
  const serie_id = randomUUID();

  const tried: { debut: Date; pris: Pris }[] = [];
  let preferes: readonly number[] = [];
  for (const [rang, start] of debuts.entries()) {
    const debut = new Date(start);
    const wanted = rang === 0 ? reservation : { ...each, debut };
    const pris = await prendre(asked, wanted, reservant, { id: serie_id, preferes });
    // Whoever receives first does all of it as far as they are free; turns are taken anew each time.
    if ('id' in pris && preferes.length === 0 && prestation.mode === 'un') preferes = pris.intervenants;
    tried.push({ debut, pris });
  }

  const occurrences: Occurrence[] = [];
  for (const { debut, pris } of tried) {
    const fin = new Date(debut.getTime() + minutes * 60_000);
    occurrences.push(
      'id' in pris ? await madeOf(asked, pris) : await refusedOf(asked, { debut, fin }, pris, langue),
    );
  }
  const made = tried.flatMap(({ pris }) => ('id' in pris ? [pris] : []));
  if (made.length === 0 || (en_conflit === 'echouer' && made.length < tried.length))
    throw wholly(occurrences);
  await annoncerSerie(asked.tx, asked.actor, {
    serieId: serie_id,
    evenement: made[0]!.premier.statut === 'a_valider' ? 'demande' : 'confirmation',
    rendezVous: made.map(({ id }) => ({ id, avant: null, partis: [] })),
    sautees: tried.flatMap(({ debut, pris }) => ('id' in pris ? [] : [debut])),
  });
  return { serie_id, occurrences };
}

async function madeOf(
  { tx, access }: AskedRendezVous,
  { id, premier: { statut }, debut, fin }: Extract<Pris, { id: number }>,
): Promise<Occurrence> {
  const { uid } = await readChanged(tx, access, id);
  return { debut, fin, id, uid, statut, code: null, raison: null, alternatives: [] };
}

/** Asked once all the others are there: what is told is free beside them. */
async function refusedOf(
  asked: AskedRendezVous,
  time: { debut: Date; fin: Date },
  { refus, souhait }: Extract<Pris, { refus: Raison }>,
  langue: keyof Texte,
): Promise<Occurrence> {
  const alternatives = await alternativesTo(asked, souhait, NEAR);
  return {
    ...time,
    id: null,
    uid: null,
    statut: null,
    code: refus,
    raison: DETAILS[refus][langue],
    alternatives,
  };
}

/** Nothing is booked: what is told to be free is so beside all that could have been, and without it. */
function wholly(occurrences: readonly Occurrence[]): RegieError {
  const refused = occurrences.filter(({ code }) => code !== null);
  const [first] = refused;
  return new RegieError(first!.code!, {
    detail: {
      fr: `Sur ${occurrences.length} rendez-vous, ${refused.length} ne peuvent être pris ; aucun ne l’a été`,
      en: `Of ${occurrences.length} appointments, ${refused.length} cannot be had; none was booked`,
    },
    extensions: {
      alternatives: first!.alternatives,
      occurrences: refused.map(({ debut, fin, code, raison, alternatives }) => ({
        ...{ debut, fin, code, raison, alternatives },
      })),
    },
  });
}
