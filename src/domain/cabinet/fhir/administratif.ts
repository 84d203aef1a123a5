import type { Couverture, ObjetConsentement, Representant } from '../elements';
import { auteurOf, type ElementExporte, isErreur, patientOf } from './entrees';
import { address, concept, given, hl7, instant, LOINC, period, telecom, type Urn, without } from './r4';

/** Who pays, who speaks for somebody, and what they agreed to. */

const QUALITES: Readonly<Record<Couverture['qualite'], string>> = { assure: 'self', ayant_droit: 'other' };

export function coverageResource(element: ElementExporte<'couverture'>, urn: Urn): fhir4.Coverage {
  const { organisme, immatriculation, qualite, taux, date_debut, date_fin } = element.contenu;
  return without<fhir4.Coverage>({
    resourceType: 'Coverage',
    status: isErreur(element) ? 'entered-in-error' : element.statut === 'actif' ? 'active' : 'cancelled',
    subscriberId: immatriculation ?? undefined,
    beneficiary: patientOf(element, urn),
    relationship: concept(null, hl7('subscriber-relationship', QUALITES[qualite])),
    period: period(date_debut, date_fin),
    payor: [{ display: organisme }],
    // What is left to pay, of which it is known how much is paid.
    costToBeneficiary:
      taux === null
        ? undefined
        : [
            {
              type: concept(null, hl7('coverage-copay-type', 'copaypct')),
              valueQuantity: { value: 100 - taux, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
            },
          ],
  });
}

const LIENS: Readonly<Record<Representant['qualite'], { text: string; coding?: fhir4.Coding }>> = {
  parent: { text: 'Parent', coding: hl7('v3-RoleCode', 'PRN') },
  tuteur: { text: 'Tuteur', coding: hl7('v3-RoleCode', 'GUARD') },
  curateur: { text: 'Curateur' },
  conjoint: { text: 'Conjoint', coding: hl7('v3-RoleCode', 'SPS') },
  personne_de_confiance: { text: 'Personne de confiance' },
  contact_urgence: { text: 'À joindre en urgence', coding: hl7('v2-0131', 'C') },
  autre: { text: 'Autre' },
};

export function relatedPersonResource(
  element: ElementExporte<'representant'>,
  urn: Urn,
): fhir4.RelatedPerson {
  const { qualite, nom, prenoms, telephone, email, adresse, precision } = element.contenu;
  const { text, coding } = LIENS[qualite];
  const relationship = [concept(text, ...(coding === undefined ? [] : [coding]))];
  if (precision !== null) relationship.push({ text: precision });
  // FHIR has no word for one that was entered in error: it is one that does not hold, and says so.
  if (isErreur(element)) relationship.push({ text: 'Saisi par erreur' });
  return without<fhir4.RelatedPerson>({
    resourceType: 'RelatedPerson',
    active: element.statut === 'actif',
    patient: patientOf(element, urn),
    relationship,
    name: [{ family: nom, ...(prenoms !== null && { given: given(prenoms) }) }],
    ...telecom(telephone, email),
    ...address(adresse),
  });
}

const OBJETS: Readonly<Record<ObjetConsentement, string>> = {
  rappels_email: 'Rappels par courriel',
  rappels_sms: 'Rappels par SMS',
  partage_cabinet: 'Partage du dossier entre les médecins du cabinet',
  compte_patient: 'Compte du patient',
};
const RECUEILS = { oral: 'oralement', ecrit: 'par écrit', en_ligne: 'en ligne' } as const;

/** What somebody said; that something else was said later stands beside it. */
export function consentResource(element: ElementExporte<'consentement'>, urn: Urn): fhir4.Consent {
  const { objet, decision, recueil, par, precision } = element.contenu;
  const agreed = decision === 'donne';
  const said = [`Recueilli ${RECUEILS[recueil]}`, par === null ? null : `de ${par}`, precision];
  return without<fhir4.Consent>({
    resourceType: 'Consent',
    status: isErreur(element) ? 'entered-in-error' : 'active',
    scope: concept(null, hl7('consentscope', 'patient-privacy')),
    category: [concept(OBJETS[objet], { system: LOINC, code: '59284-0' })],
    patient: patientOf(element, urn),
    dateTime: instant(element.date_effet),
    performer: [auteurOf(element, urn)],
    policyRule: concept(
      said.filter((part) => part !== null).join(', '),
      hl7('v3-ActCode', agreed ? 'OPTIN' : 'OPTOUT'),
    ),
    provision: { type: agreed ? 'permit' : 'deny', code: [{ text: OBJETS[objet] }] },
  });
}
