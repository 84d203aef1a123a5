import { groupOf, groupTitle } from '../../src/domain/groupes';
import type { Contenu } from '../../src/domain/messages';
import { EVENEMENTS, REGLES, regleOf } from '../../src/domain/regles';
import { LANGUES } from '../../src/domain/writing';

const about = (id: number, intervention_id: number, modele = 'assignee') =>
  ({ id, modele, donnees: { intervention_id, titre: `Panne ${id}` } }) as Contenu & { id: number };
const message = (suite: (Contenu & { id: number })[], own: Contenu & { id: number }, lot = 'assignee') => ({
  ...own,
  lot,
  suite,
});
const titles = (n: number, genre: 'assignee' | 'resume' = 'assignee') => {
  const contenus = Array.from({ length: n }, (_, i) => about(i, i));
  return LANGUES.map((langue) => groupTitle({ genre, contenus }, langue));
};

it('has a rule for every event, under one name each', () => {
  expect(EVENEMENTS).toHaveLength(Object.keys(REGLES).length);
  for (const evenement of EVENEMENTS) {
    expect(evenement).toMatch(/^[a-z]+\.[a-z_]+$/);
    const { destinataires, possibles } = regleOf(evenement)!;
    expect(possibles).toEqual(expect.arrayContaining([...destinataires]));
  }
});

it('says how many there are as each language counts', () => {
  expect(titles(5)).toEqual([
    '5 interventions vous ont été assignées',
    '5 interventions have been assigned to you',
    'أُسند إليك 5 تدخلات',
  ]);
  expect(titles(2)).toEqual([
    '2 interventions vous ont été assignées',
    '2 interventions have been assigned to you',
    'أُسند إليك تدخلان',
  ]);
  expect(titles(11)[2]).toBe('أُسند إليك 11 تدخلاً');
  expect(titles(100)[2]).toBe('أُسند إليك 100 تدخل');
  expect(titles(103)[2]).toBe('أُسند إليك 103 تدخلات');
  expect(titles(12, 'resume')).toEqual([
    'Résumé du jour : 12 messages',
    'Daily digest: 12 messages',
    'ملخص اليوم: 12 رسالة',
  ]);
});

it('has words for a group of every kind in every language', () => {
  for (const modele of Object.keys(REGLES) as Contenu['modele'][]) {
    for (const langue of LANGUES) {
      for (const n of [2, 3, 11, 100]) {
        const contenus = Array.from({ length: n }, (_, i) => about(i, i));
        expect(groupTitle({ genre: modele, contenus }, langue)).not.toMatch(/undefined|\{n\}/);
      }
    }
  }
});

it('tells of each subject the last word, in the order in which things happened', () => {
  const { groupe } = groupOf(message([about(1, 10), about(4, 10), about(2, 20)], about(3, 30)));
  expect(groupe).toMatchObject({ genre: 'assignee' });
  expect(groupe!.contenus.map(({ donnees }) => (donnees as { titre: string }).titre)).toEqual([
    'Panne 2',
    'Panne 3',
    'Panne 4',
  ]);
});

it('is one message, and no group, where only one thing is left to tell', () => {
  const { contenu, groupe } = groupOf(message([about(5, 10)], about(1, 10)));
  expect([contenu.donnees, groupe]).toEqual([{ intervention_id: 10, titre: 'Panne 5' }, null]);
});

it('of several kinds is about the one thing that they happened to, or a whole day', () => {
  const kinds = [about(1, 10), about(2, 10, 'demarree')];
  expect(groupOf(message([kinds[0]!], kinds[1]!)).groupe).toMatchObject({ genre: 'sujet' });
  expect(groupOf(message([kinds[0]!], kinds[1]!, 'resume')).groupe).toMatchObject({ genre: 'resume' });
});
