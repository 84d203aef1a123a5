import {
  ACTES_CABINET,
  ACTES_QUI_LIBERENT,
  type ActeCabinet,
  estAAnnuler,
  estAQualifier,
  journee,
  refusDActe,
  STATUT_DU_MOTEUR,
  STATUTS_RENDEZ_VOUS_CABINET,
  type StatutRendezVousCabinet,
  TRANSITIONS_CABINET,
} from '../../../src/domain/cabinet/rendez-vous';
import { OCCUPANTS } from '../../../src/domain/rendez-vous/rendez-vous';

const ZONE = 'Africa/Casablanca';
const debut = new Date('2026-12-01T09:00:00Z');
const at = (minutes: number) => new Date(debut.getTime() + minutes * 60_000);
const refusal = (
  statut: StatutRendezVousCabinet,
  acte: ActeCabinet,
  now = at(5),
  absent_le: Date | null = null,
) => refusDActe({ statut, debut, absent_le }, acte, now, ZONE);

describe('an appointment of a practice', () => {
  it('is moved by these acts, from these states alone', () => {
    const possible = STATUTS_RENDEZ_VOUS_CABINET.flatMap((statut) =>
      ACTES_CABINET.filter((acte) => refusal(statut, acte) === null).map(
        (acte) => `${statut} ${acte} ${TRANSITIONS_CABINET[acte].vers}`,
      ),
    );
    expect(possible).toEqual([
      'confirme arriver arrive',
      'confirme absent absent',
      'confirme annuler annule',
      'confirme reporter annule',
      'arrive appeler en_consultation',
      'arrive partir annule',
      'en_consultation terminer honore',
      'absent arriver arrive',
    ]);
  });

  it('says of nobody that they did not come before their hour', () => {
    expect(refusal('confirme', 'absent', at(-1))).not.toBeNull();
    expect(refusal('confirme', 'absent', at(0))).toBeNull();
  });

  it('takes an absence back the same day, and no later', () => {
    expect(refusal('absent', 'arriver', at(60), at(30))).toBeNull();
    expect(refusal('absent', 'arriver', at(24 * 60), at(30))).not.toBeNull();
    // Said days later, of a day that is over.
    expect(refusal('absent', 'arriver', at(48 * 60), at(47 * 60))).not.toBeNull();
  });

  it('sees people arrive on its day, by the clocks of the practice', () => {
    const late = { statut: 'confirme', debut: new Date('2026-12-01T23:30:00Z'), absent_le: null } as const;
    expect(refusDActe(late, 'arriver', new Date('2026-12-01T22:59:00Z'), 'Europe/Paris')).not.toBeNull();
    expect(refusDActe(late, 'arriver', new Date('2026-12-01T23:00:00Z'), 'Europe/Paris')).toBeNull();
    expect(refusDActe(late, 'arriver', new Date('2026-12-01T22:59:00Z'), 'UTC')).toBeNull();
  });

  it('is to be qualified half an hour after its hour while nobody has said anything, and then still stands', () => {
    expect(estAQualifier({ statut: 'confirme', debut }, at(29))).toBe(false);
    expect(estAQualifier({ statut: 'confirme', debut }, at(30))).toBe(true);
    for (const statut of STATUTS_RENDEZ_VOUS_CABINET.filter((one) => one !== 'confirme')) {
      expect(estAQualifier({ statut, debut }, at(600))).toBe(false);
    }
  });

  it('is to be cancelled when whoever was to come has died by its day, where the practice is, and while it stands', () => {
    const late = new Date('2026-12-01T23:30:00Z');
    // In Paris it is the second by then.
    const of = (deces: string | null) =>
      estAAnnuler({ statut: 'confirme', debut: late }, deces, 'Europe/Paris');
    expect([of(null), of('2026-12-01'), of('2026-12-02'), of('2026-12-03')]).toEqual([
      false,
      true,
      true,
      false,
    ]);
    for (const statut of STATUTS_RENDEZ_VOUS_CABINET.filter((one) => one !== 'confirme')) {
      expect(estAAnnuler({ statut, debut: late }, '2026-01-01', ZONE)).toBe(false);
    }
  });

  it('frees its time where, by what the engine is told, it takes none any more', () => {
    for (const acte of ACTES_CABINET) {
      const { vers } = TRANSITIONS_CABINET[acte];
      expect([acte, OCCUPANTS.includes(STATUT_DU_MOTEUR[vers])]).toEqual([
        acte,
        !ACTES_QUI_LIBERENT.includes(acte),
      ]);
    }
  });

  it('lies on a day that begins and ends where the practice is', () => {
    expect(journee(new Date('2026-12-01T23:30:00Z'), 'Europe/Paris')).toEqual({
      debut: new Date('2026-12-01T23:00:00Z'),
      fin: new Date('2026-12-02T23:00:00Z'),
    });
  });
});
