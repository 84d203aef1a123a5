import type { StatutBesoin } from '../../domain/stock/pieces';
import type { Ecriture } from '../ecriture';
import type { Sheet } from '../sheet';
import { remark } from './prose';
import { table } from './table';

export interface PieceRapport {
  reference: string;
  designation: string;
  quantite: number;
  statut: StatutBesoin;
  /** Exact decimals, as text; null for what was not used. */
  prix_unitaire?: string | null;
  montant?: string | null;
}

/** Parts, with what they cost where they have cost anything. @param cout of all of them: an exact decimal, as text. */
export function pieces(
  sheet: Sheet,
  ecriture: Ecriture,
  given: readonly PieceRapport[],
  cout: string | null,
): void {
  const { intervention: mots, besoins } = ecriture.textes;
  const montant = (decimal: string | null | undefined) => (decimal ? ecriture.montant(decimal) : '');
  if (cout === null || Number(cout) === 0) {
    table(
      sheet,
      [
        { titre: mots.referencePiece, part: 0.22, auto: true },
        { titre: mots.designation, part: 0.5, auto: true },
        { titre: mots.quantite, part: 0.11, align: 'end' },
        { titre: mots.statut, part: 0.17 },
      ],
      given.map((piece) => [
        piece.reference,
        piece.designation,
        String(piece.quantite),
        besoins[piece.statut],
      ]),
    );
    return;
  }
  table(
    sheet,
    [
      { titre: mots.referencePiece, part: 0.16, auto: true },
      { titre: mots.designation, part: 0.3, auto: true },
      { titre: mots.quantite, part: 0.12, align: 'end' },
      { titre: mots.prix, part: 0.14, align: 'end' },
      { titre: mots.montant, part: 0.13, align: 'end' },
      { titre: mots.statut, part: 0.15 },
    ],
    given.map((piece) => [
      piece.reference,
      piece.designation,
      String(piece.quantite),
      montant(piece.prix_unitaire),
      montant(piece.montant),
      besoins[piece.statut],
    ]),
  );
  remark(sheet, mots.cout(ecriture.montant(cout)));
}
