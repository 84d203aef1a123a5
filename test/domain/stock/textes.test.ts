import { isOf, isSystemTitle, messageText } from '../../../src/domain/messages';
import type { ContenuStock } from '../../../src/domain/stock/textes';

const low: ContenuStock = {
  modele: 'stock_bas',
  donnees: {
    piece_id: 7,
    reference: 'JNT-042',
    designation: 'Joint torique',
    stock: 5,
    disponible: 2,
    seuil_alerte: 3,
  },
};

it('a stock that runs low is told with what is left and the threshold, in the language of the reader', () => {
  expect(messageText(low, 'fr')).toEqual({
    titre: 'Stock bas',
    message: "Il reste 2 'Joint torique' (JNT-042) disponible(s), pour un seuil d'alerte de 3",
    type: 'warning',
  });
  expect(messageText(low, 'en')).toEqual({
    titre: 'Low stock',
    message: "2 of 'Joint torique' (JNT-042) are left; the alert threshold is 3",
    type: 'warning',
  });
  expect(messageText(low, 'ar')).toEqual({
    titre: 'مخزون منخفض',
    message: 'القطعة «\u2068Joint torique\u2069» (\u2068JNT-042\u2069): المتوفر 2، وحد التنبيه 3',
    type: 'warning',
  });
  expect([isOf(low, 'stock'), isOf(low, 'intervention')]).toEqual([true, false]);
  // Nobody writes as if the system did.
  expect(['stock  BAS', 'Low stock!'].map(isSystemTitle)).toEqual([true, true]);
});
