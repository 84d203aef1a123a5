import { poser } from '../../../src/domain/planification/retouches';
import { creerModele } from '../../../src/domain/planification/semaine/modele';
import type { Probleme, Technicien, Travail } from '../../../src/domain/planification/semaine/probleme';

/** Two days of 08:00–12:00 and 14:00–18:00; minutes count from the first midnight. */
const HOUR = 60;
const DAY = 24 * HOUR;
const HEURES = [0, 1].flatMap((day): [number, number][] => [
  [day * DAY + 8 * HOUR, day * DAY + 12 * HOUR],
  [day * DAY + 14 * HOUR, day * DAY + 18 * HOUR],
]);

const technicien = (given: Partial<Technicien> = {}): Technicien => ({
  id: 1,
  habilitations: [{ competence: 'soudure', valide_du: null, valide_jusqu_au: '2026-12-14' }],
  niveau: 'confirme',
  base: null,
  sites: [3],
  heures: [HEURES],
  plus_long_travail: 4 * HOUR,
  absences: [],
  occupations: [],
  pauses: [],
  charge: 0,
  ...given,
});

const travail = (given: Partial<Travail> = {}): Travail => ({
  intervention: 7,
  priorite: 'normale',
  urgence: false,
  duree: HOUR,
  competences: [],
  niveau_minimum: null,
  lieu: 0,
  site: 3,
  calendrier: 0,
  echeance: null,
  au_plus_tot: null,
  fenetres: null,
  actuel: null,
  equipe: [],
  verrouille: null,
  ...given,
});

function pose(
  debut: number,
  given: {
    personne?: Partial<Technicien>;
    work?: Partial<Travail>;
    fermetures?: [number, number][];
    autres?: Technicien[];
  } = {},
) {
  const probleme: Probleme = {
    jours: [
      { date: '2026-12-14', debut: 0, fin: DAY },
      { date: '2026-12-15', debut: DAY, fin: 2 * DAY },
    ],
    calendriers: [{ fermetures: given.fermetures ?? [] }],
    techniciens: [technicien(given.personne), ...(given.autres ?? [])],
    travaux: [travail(given.work)],
    trajets: { lieux: 1, minutes: [0], km: [0] },
    pas: 5,
  };
  return poser(creerModele(probleme), 7, 1, debut);
}

describe('A visit that somebody puts somewhere', () => {
  it('stands there for as long as it takes, at any minute', () => {
    expect(pose(9 * HOUR + 7)).toEqual({ segments: [[9 * HOUR + 7, 10 * HOUR + 7]] });
  });

  it('goes on in the next stretches when it is longer than any of them', () => {
    expect(pose(10 * HOUR, { work: { duree: 7 * HOUR } })).toEqual({
      segments: [
        [10 * HOUR, 12 * HOUR],
        [14 * HOUR, 18 * HOUR],
        [DAY + 8 * HOUR, DAY + 9 * HOUR],
      ],
    });
  });

  it.each<[string, number, Parameters<typeof pose>[1]]>([
    ['competence', 9 * HOUR, { work: { competences: ['hydraulique'] } }],
    ['habilitation_expiree', DAY + 9 * HOUR, { work: { competences: ['Soudure'] } }],
    ['niveau', 9 * HOUR, { work: { niveau_minimum: 'expert' } }],
    ['site', 9 * HOUR, { work: { site: 4 } }],
    ['hors_horaires', 11.5 * HOUR, {}],
    ['hors_horaires', 13 * HOUR, { work: { duree: 7 * HOUR } }],
    ['ferie', 9 * HOUR, { fermetures: [[0, DAY]] }],
    ['absent', 9 * HOUR, { personne: { absences: [[9.5 * HOUR, 10 * HOUR]] } }],
    ['creneau_pris', 9 * HOUR, { personne: { occupations: [[9.5 * HOUR, 10 * HOUR]] } }],
    ['equipe', 9 * HOUR, { work: { equipe: [2] } }],
    [
      'equipe',
      9 * HOUR,
      { work: { equipe: [2] }, autres: [technicien({ id: 2, occupations: [[9 * HOUR, 9.5 * HOUR]] })] },
    ],
  ])('cannot for %s', (refus, debut, given) => {
    expect(pose(debut, given)).toEqual({ refus });
  });

  it('stands beside its crew', () => {
    expect(pose(9 * HOUR, { work: { equipe: [2] }, autres: [technicien({ id: 2 })] })).toEqual({
      segments: [[9 * HOUR, 10 * HOUR]],
    });
  });

  it('is nothing that can be said of people and work that are not there', () => {
    const modele = creerModele({
      jours: [{ date: '2026-12-14', debut: 0, fin: DAY }],
      calendriers: [{ fermetures: [] }],
      techniciens: [technicien()],
      travaux: [travail()],
      trajets: { lieux: 1, minutes: [0], km: [0] },
      pas: 5,
    });
    expect([poser(modele, 8, 1, 540), poser(modele, 7, 2, 540)]).toEqual([null, null]);
  });
});
