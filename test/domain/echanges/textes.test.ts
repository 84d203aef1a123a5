import { bodyOf, identifiantOf, MOTIFS, motifsOf } from '../../../src/domain/echanges/abonnements';
import type { ContenuWebhook } from '../../../src/domain/echanges/textes';
import { isOf, isSystemTitle, messageText } from '../../../src/domain/messages';

const off = (motif: 'echecs' | 'parti'): ContenuWebhook => ({
  modele: 'webhook_desactive',
  donnees: {
    webhook_id: 7,
    hote: 'si.exemple.ma',
    motif,
    depuis: '2026-11-26T08:00:00Z',
    fuseau_horaire: 'UTC',
  },
});

it('a webhook that was switched off is told with its host and why, in the language of the reader', () => {
  expect(messageText(off('echecs'), 'fr')).toEqual({
    titre: 'Webhook désactivé',
    message:
      "Le webhook vers si.exemple.ma est désactivé : aucune livraison n'y aboutit depuis jeudi 26 novembre 2026 à 08:00",
    type: 'error',
  });
  expect(messageText(off('parti'), 'en').message).toBe(
    'The webhook to si.exemple.ma has been switched off: its receiver answered that it wants no more (410)',
  );
  expect([isOf(off('parti'), 'webhook'), isOf(off('parti'), 'stock')]).toEqual([true, false]);
  expect(['webhook DÉSACTIVÉ', 'Webhook switched off!'].map(isSystemTitle)).toEqual([true, true]);
});

it('events are asked for by name, by domain or all, but what one person alone is told', () => {
  expect(motifsOf('intervention.assignee')).toEqual(['*', 'intervention.*', 'intervention.assignee']);
  expect(motifsOf('notification.creee')).toEqual([]);
  expect(motifsOf('lune.pleine')).toEqual([]);
  for (const motif of motifsOf('piece.stock_bas')) expect(MOTIFS).toContain(motif);
  expect(MOTIFS.filter((motif) => motif.startsWith('notification'))).toEqual([]);
  expect(new Set(MOTIFS).size).toBe(MOTIFS.length);
});

it('what is told of an event is ids, in the same bytes each time', () => {
  const avis = {
    identifiant: identifiantOf(42),
    evenement: 'piece.creee',
    date: new Date('2026-11-29T08:00:00Z'),
    ressource: 'piece',
    id_ressource: 7,
    version_ressource: null,
  };
  expect(bodyOf(avis)).toBe(
    '{"id":"evt_42","evenement":"piece.creee","date":"2026-11-29T08:00:00.000Z","ressource":"piece","id_ressource":7,"version":null}',
  );
});
