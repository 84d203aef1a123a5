import { isAddressRefused, refusOf } from '../../../src/domain/identite/adresses';

describe('what a mail server answers', () => {
  it.each([
    ['550 5.1.1 <k@exemple.ma>: Recipient address rejected: User unknown', true],
    ['550-5.1.1 The email account that you tried to reach does not exist.', true],
    ['550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup', true],
    ['550 5.2.1 The email account that you tried to reach is inactive.', true],
    ['550 No such user here', true],
    ['553 sorry, that domain is not in my list of allowed rcpthosts', true],
    ['smtp; 550 5.1.1 unknown', true],
    // Of us, or of what is sent.
    ['550 5.7.1 Message refused: sending host is on a block list', false],
    ['554 5.7.1 <k@exemple.ma>: Relay access denied', false],
    ['550 relay not permitted', false],
    ['550 Blocked, see https://listes.exemple', false],
    ['550 5.7.26 This mail is unauthenticated', false],
    ['550 SPF check failed', false],
    ['552 5.3.4 Message too big', false],
    // Of a mailbox that is there.
    ['552 5.2.2 Mailbox full', false],
    ['552 mailbox full', false],
    ['554 Transaction failed', false],
    ['5.1.1 unknown', true],
    ['', false],
    ['User unknown', false],
  ])('%j is against the address: %s', (answer, expected) => {
    expect(isAddressRefused(refusOf(answer))).toBe(expected);
  });

  it('is shown on one line, without what a terminal would obey, and not at any length', () => {
    const { texte, code, etat } = refusOf(`550 5.1.1 no\r\n550 5.1.1 \u001b[31msuch ${'x'.repeat(1_000)}`);
    expect([code, etat]).toEqual([550, '5.1.1']);
    expect(texte).toMatch(/^550 5\.1\.1 no 550 5\.1\.1 \[31msuch x+$/);
    expect(texte).toHaveLength(300);
  });
});
