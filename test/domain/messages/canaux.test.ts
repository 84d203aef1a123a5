import { heldUntil, RANGS, type Tranquillite } from '../../../src/domain/messages/canaux';

/** Quiet hours and digests by the clocks of the person, in nights in which these change too. */

const HOUSE = 'Africa/Casablanca';
const NOTHING: Tranquillite = { heures_calmes: null, resume_quotidien: null, fuseau_horaire: null };
const MAIL = { rang: RANGS.normal, canal: 'email' as const, lot: 'assignee' };

const held = (given: Partial<Tranquillite>, now: string, message: Partial<typeof MAIL> = {}) => {
  const until = heldUntil({ ...MAIL, ...message }, { ...NOTHING, ...given }, HOUSE, new Date(now));
  return until === null ? null : until.until.toISOString();
};

const night = (zone: string | null, debut = '22:00', fin = '07:00') => ({
  heures_calmes: { debut, fin },
  fuseau_horaire: zone,
});

it('holds nothing for whoever never asked for it', () => {
  expect(heldUntil(MAIL, null, HOUSE, new Date())).toBeNull();
  expect(held({}, '2027-01-10T02:00:00Z')).toBeNull();
});

it.each([
  ['before midnight', '2027-01-10T22:30:00Z', '2027-01-11T06:00:00.000Z'],
  ['after midnight', '2027-01-11T02:00:00Z', '2027-01-11T06:00:00.000Z'],
  ['at their first moment', '2027-01-10T21:00:00Z', '2027-01-11T06:00:00.000Z'],
  ['a moment before them', '2027-01-10T20:59:59.999Z', null],
  ['at their last moment', '2027-01-11T05:59:59.999Z', '2027-01-11T06:00:00.000Z'],
  ['once they are over', '2027-01-11T06:00:00Z', null],
])('holds what comes in quiet hours over midnight, %s', (_, now, until) => {
  expect(held(night('Europe/Paris'), now)).toBe(until);
});

it('holds what comes in quiet hours within a day', () => {
  const lunch = night('Europe/Paris', '12:00', '14:00');
  expect(held(lunch, '2027-01-10T11:30:00Z')).toBe('2027-01-10T13:00:00.000Z');
  expect(held(lunch, '2027-01-10T13:30:00Z')).toBeNull();
});

it('reads them in the zone of the person, else in that of the house', () => {
  // 22:30 in Casablanca (UTC), 07:30 in Tokyo, 17:30 in New York.
  const now = '2027-01-10T22:30:00Z';
  expect(held(night(null), now)).not.toBeNull();
  expect(held(night('Asia/Tokyo'), now)).toBeNull();
  expect(held(night('America/New_York'), now)).toBeNull();
});

it('ends them when the clock shows their end, in nights in which it changes', () => {
  // Paris goes forward on 2027-03-28 at 02:00, and back on 2027-10-31 at 03:00.
  expect(held(night('Europe/Paris'), '2027-03-27T23:00:00Z')).toBe('2027-03-28T05:00:00.000Z');
  expect(held(night('Europe/Paris'), '2027-10-30T22:00:00Z')).toBe('2027-10-31T06:00:00.000Z');
  // 02:30 is not shown that night: they end with the change itself.
  expect(held(night('Europe/Paris', '23:00', '02:30'), '2027-03-27T23:30:00Z')).toBe(
    '2027-03-28T01:00:00.000Z',
  );
  // 02:30 is shown twice: they end at the first.
  expect(held(night('Europe/Paris', '23:00', '02:30'), '2027-10-30T22:30:00Z')).toBe(
    '2027-10-31T00:30:00.000Z',
  );
  expect(held(night('Europe/Paris', '23:00', '02:30'), '2027-10-31T00:45:00Z')).toBeNull();
});

it('never ends before it begins, and holds nobody for more than two days, whatever the zone and the hour', () => {
  for (const zone of [
    'Europe/Paris',
    'Africa/Casablanca',
    'America/Sao_Paulo',
    'Pacific/Apia',
    'Asia/Beirut',
  ]) {
    for (let hour = 0; hour < 24 * 365; hour += 5) {
      const now = new Date(Date.UTC(2027, 0, 1, hour));
      for (const given of [
        night(zone),
        night(zone, '00:00', '01:00'),
        { resume_quotidien: 0, fuseau_horaire: zone },
      ]) {
        const result = heldUntil(MAIL, { ...NOTHING, ...given }, HOUSE, now);
        if (result === null) continue;
        const length = result.until.getTime() - now.getTime();
        expect([zone, now, length > 0 && length <= 25 * 3_600_000]).toEqual([zone, now, true]);
      }
    }
  }
});

it('holds emails for the next digest, and no other channel', () => {
  const digest = { resume_quotidien: 8, fuseau_horaire: 'Europe/Paris' };
  expect(held(digest, '2027-01-10T06:30:00Z')).toBe('2027-01-10T07:00:00.000Z');
  expect(held(digest, '2027-01-10T07:00:00Z')).toBe('2027-01-11T07:00:00.000Z');
  expect(heldUntil({ ...MAIL, canal: 'sms' }, { ...NOTHING, ...digest }, HOUSE, new Date())).toBeNull();
  // Once its hour has come, it leaves whatever the hour is.
  const message = { ...MAIL, lot: 'resume' };
  const both = { ...NOTHING, ...night('Europe/Paris'), resume_quotidien: 3 };
  expect(heldUntil(message, both, HOUSE, new Date('2027-01-11T02:00:00Z'))).toBeNull();
});

it('never holds what is critical or about an account', () => {
  for (const rang of [RANGS.critique, RANGS.compte]) {
    const given = { ...night('Europe/Paris'), resume_quotidien: 8 };
    expect(held(given, '2027-01-11T02:00:00Z', { rang: rang as 2 })).toBeNull();
  }
});
