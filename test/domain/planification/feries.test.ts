import { easterSunday, feriesBetween } from '../../../src/domain/planification/feries';

const namesOf = (pays: string, year: number) =>
  feriesBetween(year, year)
    .filter((ferie) => ferie.pays === pays)
    .map(({ date, libelle, statut }) => `${date} ${libelle} ${statut}`);

it('Easter is where almanacs have it', () => {
  // The earliest and the latest there are among them.
  const known = [
    '1818-03-22',
    '1943-04-25',
    '2000-04-23',
    '2024-03-31',
    '2026-04-05',
    '2027-03-28',
    '2038-04-25',
  ];
  expect(known.map((day) => easterSunday(Number(day.slice(0, 4))))).toEqual(known);
});

it('France has its eleven days, all of which are certain', () => {
  expect(namesOf('FR', 2027)).toEqual([
    '2027-01-01 Jour de l’An confirme',
    '2027-03-29 Lundi de Pâques confirme',
    '2027-05-01 Fête du travail confirme',
    '2027-05-06 Ascension confirme',
    '2027-05-08 Victoire de 1945 confirme',
    '2027-05-17 Lundi de Pentecôte confirme',
    '2027-07-14 Fête nationale confirme',
    '2027-08-15 Assomption confirme',
    '2027-11-01 Toussaint confirme',
    '2027-11-11 Armistice de 1918 confirme',
    '2027-12-25 Noël confirme',
  ]);
});

it('Morocco has eleven days that are certain and seven that the moon will tell', () => {
  expect(namesOf('MA', 2027)).toEqual([
    '2027-01-01 Nouvel An confirme',
    "2027-01-11 Manifeste de l'indépendance confirme",
    '2027-01-14 Nouvel An amazigh confirme',
    '2027-03-09 Aïd Al Fitr, premier jour estime',
    '2027-03-10 Aïd Al Fitr, second jour estime',
    '2027-05-01 Fête du travail confirme',
    '2027-05-16 Aïd Al Adha, premier jour estime',
    '2027-05-17 Aïd Al Adha, second jour estime',
    '2027-06-06 1er Moharram estime',
    '2027-07-30 Fête du Trône confirme',
    '2027-08-14 Aïd Al Mawlid, premier jour estime',
    '2027-08-14 Allégeance de Oued Ed-Dahab confirme',
    '2027-08-15 Aïd Al Mawlid, second jour estime',
    '2027-08-20 Révolution du Roi et du peuple confirme',
    '2027-08-21 Fête de la jeunesse confirme',
    "2027-10-31 Fête de l'unité confirme",
    '2027-11-06 Marche verte confirme',
    "2027-11-18 Fête de l'indépendance confirme",
  ]);
});

it('a feast that falls twice into one year of the sun is there twice, each under a name of its own', () => {
  const feries = feriesBetween(2026, 2040);
  expect(new Set(feries.map(({ cle }) => cle)).size).toBe(feries.length);
  const fitr = feries.filter(({ cle, date }) => cle.endsWith('fitr:1') && date.startsWith('2033'));
  expect(fitr.map(({ date }) => date)).toEqual(['2033-01-03', '2033-12-23']);
});
