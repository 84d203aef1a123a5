import type { Allergie } from '../elements';
import { auteurOf, certitude, type ElementExporte, enteredOn, notes, patientOf } from './entrees';
import { concept, SNOMED, type Urn, without } from './r4';

const CATEGORIES: Readonly<
  Record<NonNullable<Allergie['categorie']>, NonNullable<fhir4.AllergyIntolerance['category']>[number] | null>
> = {
  medicament: 'medication',
  aliment: 'food',
  environnement: 'environment',
  biologique: 'biologic',
  autre: null,
};
const SEVERITES = { legere: 'mild', moderee: 'moderate', severe: 'severe' } as const;

/** What somebody does not bear, or the statement that there is no such thing, which is not the same as that nobody asked. */
export function allergyIntoleranceResource(
  element: ElementExporte<'allergie'>,
  urn: Urn,
): fhir4.AllergyIntolerance {
  const { contenu, statut, motif_erreur } = element;
  const { aucune_connue, substance, categorie, date_debut } = contenu;
  const category = categorie === null ? null : CATEGORIES[categorie];
  const confirmed = aucune_connue || contenu.certitude === 'confirmee' ? 'confirmed' : 'unconfirmed';
  return without<fhir4.AllergyIntolerance>({
    resourceType: 'AllergyIntolerance',
    ...certitude('allergyintolerance', statut, confirmed),
    category: category === null ? undefined : [category],
    code: aucune_connue
      ? concept('Aucune allergie connue', { system: SNOMED, code: NONE_KNOWN })
      : concept(substance),
    patient: patientOf(element, urn),
    onsetDateTime: date_debut ?? undefined,
    recordedDate: enteredOn(element),
    recorder: auteurOf(element, urn),
    reaction: reactions(contenu),
    ...notes(motif_erreur),
  });
}

/** “No known allergy (situation)” of SNOMED CT. */
const NONE_KNOWN = '716186003';

/** A severity is of a reaction: of one that nobody described it says that. */
function reactions({ reaction, severite }: Allergie): fhir4.AllergyIntoleranceReaction[] | undefined {
  if (reaction === null && severite === null) return undefined;
  const severity = severite === null ? {} : { severity: SEVERITES[severite] };
  return [{ manifestation: [{ text: reaction ?? 'Non décrite' }], ...severity }];
}
