import { createRandom } from '../../tools/lib/random';
import { drawDecor } from '../../tools/seed/decor';
import { MACHINES } from '../../tools/seed/vocabulary';

/** The invented site, before it is written anywhere. */

const draw = (size: number) => drawDecor(size, createRandom(size));

describe('the site near Khouribga', () => {
  it('is the same for the same number, and another for another', () => {
    expect(draw(500)).toEqual(draw(500));
    expect(draw(501).interventions.slice(0, 50)).not.toEqual(draw(500).interventions.slice(0, 50));
  });

  it('has 30 techniciens, 300 machines and 500 open interventions for 500', () => {
    const { techniciens, machines, interventions } = draw(500);
    expect([techniciens.length, machines.length, interventions.length]).toEqual([30, 300, 500]);
  });

  it('has somebody for every work, however small it is', () => {
    const { techniciens } = draw(1);
    const held = new Set(
      techniciens.flatMap(({ competences, habilitation }) =>
        habilitation === null ? competences : [...competences, 'electricite'],
      ),
    );
    const needed = MACHINES.flatMap(({ travaux }) => travaux.flatMap(({ competences }) => competences));
    expect(needed.filter((competence) => !held.has(competence))).toEqual([]);
  });

  it('gives everybody and every machine a name of their own', () => {
    const { clients, responsables, conseillers, techniciens, machines } = draw(5_000);
    const emails = [...clients, ...responsables, ...conseillers, ...techniciens].map(({ email }) => email);
    const colleagues = draw(500).techniciens.map(({ prenom, nom }) => `${prenom} ${nom}`);
    expect(new Set(colleagues).size).toBe(colleagues.length);
    const numbers = machines.map(({ numeroSerie }) => numeroSerie);
    expect(new Set(emails).size).toBe(emails.length);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it('reports what is urgent a short while ago', () => {
    const { interventions } = draw(500);
    expect(interventions.filter(({ priorite, age }) => priorite === 'critique' && age > 60)).toEqual([]);
    expect(interventions.every(({ age }, n) => n === 0 || age <= interventions[n - 1]!.age)).toBe(true);
  });
});
