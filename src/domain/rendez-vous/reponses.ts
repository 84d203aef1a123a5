import type { FieldFault, Texte } from '../errors';
import type { Question } from './prestations';

/** Whether what somebody answers fits what was asked. */

const MAX = { texte: 300, texte_long: 4_000 };

/** What is wrong with the answers, by `reponses.<nom>`; none for good ones. An empty text is no answer. */
export function faultsOfReponses(
  questions: readonly Question[],
  reponses: Readonly<Record<string, unknown>>,
): FieldFault[] {
  const known = new Set(questions.map(({ nom }) => nom));
  const unknown = Object.keys(reponses)
    .filter((nom) => !known.has(nom))
    .map((nom) => fault(nom, { fr: 'N’a pas été demandé', en: 'Was not asked for' }));
  return [
    ...unknown,
    ...questions.flatMap((question) => {
      const said = Object.hasOwn(reponses, question.nom) ? reponses[question.nom] : null;
      const message = faultOf(question, said);
      return message === null ? [] : [fault(question.nom, message)];
    }),
  ];
}

const fault = (nom: string, message: Texte): FieldFault => ({ champ: `reponses.${nom}`, message });

function faultOf({ type, obligatoire, choix = [] }: Question, said: unknown): Texte | null {
  // What has to be agreed to is not by saying no.
  const isMissing = said === null || said === '' || (type === 'case' && said === false);
  if (isMissing) return obligatoire ? { fr: 'Réponse requise', en: 'An answer is required' } : null;
  switch (type) {
    case 'texte':
    case 'texte_long': {
      const fits = typeof said === 'string' && said.length <= MAX[type] && !said.includes('\0');
      const message = {
        fr: `Texte d’au plus ${MAX[type]} caractères attendu`,
        en: `A text of at most ${MAX[type]} characters is expected`,
      };
      return fits ? null : message;
    }
    case 'nombre':
      return Number.isFinite(said) ? null : { fr: 'Nombre attendu', en: 'A number is expected' };
    case 'choix':
      return choix.includes(said as string)
        ? null
        : { fr: 'Un des choix attendu', en: 'One of the choices is expected' };
    case 'case':
      return typeof said === 'boolean' ? null : { fr: 'Oui ou non attendu', en: 'Yes or no is expected' };
    case 'date':
      return isDate(said) ? null : { fr: 'Date AAAA-MM-JJ attendue', en: 'A date YYYY-MM-DD is expected' };
  }
}

function isDate(said: unknown): boolean {
  if (typeof said !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(said)) return false;
  const at = Date.parse(said);
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === said;
}
