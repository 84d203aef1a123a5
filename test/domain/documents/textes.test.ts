import type { ContenuDocuments } from '../../../src/domain/documents/textes';
import { isOf, isSystemTitle, messageText } from '../../../src/domain/messages';

const altered = (nombre: number): ContenuDocuments => ({
  modele: 'documents_alteres',
  donnees: { nombre, documents: [{ document_id: 7, nom: 'plan.pdf', anomalie: 'empreinte' }] },
});

it('files that are not what was filed are told by their number, in the language of the reader', () => {
  expect(messageText(altered(1), 'fr')).toEqual({
    titre: 'Documents altérés',
    message: 'La relecture des documents a trouvé un fichier qui n’est plus ce qui a été déposé',
    type: 'error',
  });
  expect(messageText(altered(3), 'en').message).toBe(
    'Reading all documents again found 3 files that are no longer what was filed',
  );
  expect(messageText(altered(2), 'ar').titre).toBe('وثائق تغيّرت');
  expect(isOf(altered(1), 'documents')).toBe(true);
  expect(['documents  ALTÉRÉS', 'Altered documents!'].map(isSystemTitle)).toEqual([true, true]);
});
