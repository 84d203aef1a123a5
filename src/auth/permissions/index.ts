import type { Principal } from '../principal';
import { AUDIT_RULES } from './audit';
import { CABINET_RULES } from './cabinet';
import { DOCUMENT_RULES } from './documents';
import { ECHANGE_RULES } from './echanges';
import { IDENTITE_RULES } from './identite';
import { INTERVENTION_RULES } from './interventions';
import { MESSAGE_RULES } from './messages';
import { PARAMETRES_RULES } from './parametres';
import { PARC_RULES } from './parc';
import { PILOTAGE_RULES } from './pilotage';
import { PLANIFICATION_RULES } from './planification';
import { PREVENTIF_RULES } from './preventif';
import { RAPPORT_RULES } from './rapports';
import { RENDEZ_VOUS_RULES } from './rendez-vous';
import type { AreaRules, Rule } from './rules';
import { STOCK_RULES } from './stock';

/**
 * Who may do what (contract §2): the whole table, an area a file.
 *
 * A rule allows an action on a subject, on the rows that meet its conditions and, when it names fields, on
 * those alone. Conditions speak of fields of the row, or of rows it belongs to (`equipement.site_id`); they
 * are checked on objects by CASL and translated to SQL for every list, count and lookup (`sql.ts`, `columns.ts`).
 */
const AREAS: readonly AreaRules[] = [
  IDENTITE_RULES,
  PARC_RULES,
  STOCK_RULES,
  INTERVENTION_RULES,
  PLANIFICATION_RULES,
  PREVENTIF_RULES,
  RENDEZ_VOUS_RULES,
  DOCUMENT_RULES,
  MESSAGE_RULES,
  PILOTAGE_RULES,
  ECHANGE_RULES,
  AUDIT_RULES,
  PARAMETRES_RULES,
  RAPPORT_RULES,
  CABINET_RULES,
];

export { NEW_ACCOUNT_FIELDS, OWN_PROFILE_FIELDS } from './identite';
export {
  ACTIONS,
  type Action,
  type Conditions,
  MEDICAL_SUBJECTS,
  type MedicalSubject,
  type Rule,
  SUBJECTS,
  type Subject,
} from './rules';

/** The rules of one person, or of the machine that acts in their name: what {@link Access} is made of. */
export type RulesFor = (principal: Principal) => Rule[];

/** The rules of one person or machine. */
export function rulesFor(principal: Principal): Rule[] {
  const isMachine = principal.cleApiId !== null;
  return AREAS.flatMap((area) => {
    const { shared = [], person = [], machine = [] } = area[principal.role]?.(principal) ?? {};
    return isMachine
      ? [...shared, ...machine]
      : [...(area.everybody?.(principal) ?? []), ...shared, ...person];
  });
}
