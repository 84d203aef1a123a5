import { auteurOf, certitude, type ElementExporte, enteredOn, isErreur, notes, patientOf } from './entrees';
import { CIM10, coded, concept, hl7, type Urn, without } from './r4';

/** Diagnoses and what somebody had before. */

const CATEGORIES = { diagnostic: 'encounter-diagnosis', antecedent: 'problem-list-item' } as const;

export function diagnosticResource(element: ElementExporte<'diagnostic'>, urn: Urn): fhir4.Condition {
  const { contenu, motif_erreur } = element;
  const confirmed = contenu.certitude === 'confirme' ? 'confirmed' : 'provisional';
  return condition('diagnostic', element, urn, { confirmed, said: [motif_erreur] });
}

const TYPES = {
  medical: 'Antécédent médical',
  chirurgical: 'Antécédent chirurgical',
  gyneco_obstetrical: 'Antécédent gynéco-obstétrical',
  mode_de_vie: 'Mode de vie',
} as const;
const FROM_OTHERS = 'Appris d’un tiers';

/** What was in the family is of other people; the rest is what the patient had. */
export function antecedentResource(
  element: ElementExporte<'antecedent'>,
  urn: Urn,
): fhir4.Condition | fhir4.FamilyMemberHistory {
  const { contenu, motif_erreur } = element;
  const from = contenu.source_tiers ? FROM_OTHERS : null;
  if (contenu.type === 'familial') return family(element, urn, from);
  const said = [TYPES[contenu.type], from, motif_erreur];
  return condition('antecedent', element, urn, { confirmed: 'confirmed', said });
}

function condition<N extends 'diagnostic' | 'antecedent'>(
  nature: N,
  element: ElementExporte<N>,
  urn: Urn,
  { confirmed, said }: { confirmed: 'confirmed' | 'provisional'; said: (string | null)[] },
): fhir4.Condition {
  const { texte, code, date_debut } = element.contenu;
  return without<fhir4.Condition>({
    resourceType: 'Condition',
    ...certitude('condition', element.statut, confirmed),
    category: [concept(null, hl7('condition-category', CATEGORIES[nature]))],
    code: coded(texte, CIM10, code),
    subject: patientOf(element, urn),
    onsetDateTime: date_debut ?? undefined,
    recordedDate: enteredOn(element),
    recorder: auteurOf(element, urn),
    ...notes(...said),
  });
}

function family(
  element: ElementExporte<'antecedent'>,
  urn: Urn,
  from: string | null,
): fhir4.FamilyMemberHistory {
  const { texte, code, date_debut, lien } = element.contenu;
  const onset = date_debut === null ? {} : { onsetString: date_debut };
  return without<fhir4.FamilyMemberHistory>({
    resourceType: 'FamilyMemberHistory',
    status: isErreur(element) ? 'entered-in-error' : 'completed',
    patient: patientOf(element, urn),
    date: enteredOn(element),
    relationship: concept(lien ?? 'Famille', hl7('v3-RoleCode', 'FAMMEMB')),
    condition: [{ code: coded(texte, CIM10, code), ...onset }],
    ...notes(from, element.motif_erreur),
  });
}
