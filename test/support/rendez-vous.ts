import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { Intervenant } from '../../src/db/rendez-vous/intervenants';
import type { Prestation } from '../../src/db/rendez-vous/prestations';
import { Participant, RendezVous, Seance } from '../../src/db/rendez-vous/rendez-vous';
import type { Salle } from '../../src/db/rendez-vous/salles';
import { OCCUPANTS } from '../../src/domain/rendez-vous/rendez-vous';

export interface GivenRendezVous
  extends Partial<Omit<RendezVous, 'intervenants' | 'salles' | 'debut' | 'fin'>> {
  prestation: Prestation;
  intervenants: readonly Intervenant[];
  salles?: readonly Salle[];
  debut: string | Date;
  /** Minutes; the first length of the prestation unless said. */
  duree?: number;
  /** Names of those who come. */
  noms?: readonly string[];
}

/** An appointment as a row, with its seance: nobody booked it, no rule was asked, nobody was told. */
export async function makeBooking(
  db: DataSource,
  {
    prestation,
    intervenants,
    salles = [],
    debut,
    duree = prestation.durees[0]!,
    noms = [],
    ...given
  }: GivenRendezVous,
): Promise<RendezVous> {
  const begin = new Date(debut);
  const places = given.places ?? 1;
  const statut = given.statut ?? 'confirme';
  const common = {
    prestation_id: prestation.id,
    debut: begin,
    fin: new Date(begin.getTime() + duree * 60_000),
    intervenants: intervenants.map(({ id }) => id),
    salles: salles.map(({ id }) => id),
  };
  const seance = await db.manager.save(
    db.manager.create(Seance, {
      ...common,
      tampon_avant: prestation.tampon_avant,
      tampon_apres: prestation.tampon_apres,
      places: prestation.places,
      prises: OCCUPANTS.includes(statut) ? places : 0,
    }),
  );
  return joinSeance(db, seance, {
    ...given,
    statut,
    places,
    noms,
    user_ids: intervenants.map((one) => one.user_id),
  });
}

/** One more appointment of a workshop that has been made with as many places taken as there will be. */
export async function joinSeance(
  db: DataSource,
  seance: Pick<Seance, 'id' | 'prestation_id' | 'debut' | 'fin' | 'intervenants' | 'salles'>,
  { noms = [], ...given }: Partial<RendezVous> & { noms?: readonly string[] },
): Promise<RendezVous> {
  const { id: seance_id, prestation_id, debut, fin, intervenants, salles } = seance;
  const made = await db.manager.save(
    db.manager.create(RendezVous, {
      uid: randomUUID(),
      statut: 'confirme',
      origine: 'membre',
      ...{ seance_id, prestation_id, debut, fin, intervenants, salles },
      ...given,
    }),
  );
  for (const [rang, nom] of noms.entries()) {
    await db.manager.insert(Participant, {
      ...{ rendez_vous_id: made.id, rang, nom, email: `${rang}-${made.uid}@example.com` },
      ...{ langue: 'fr', fuseau_horaire: 'Europe/Paris' },
    });
  }
  return made;
}
