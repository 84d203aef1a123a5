/** Where a value stands. */
export interface Place {
  cabinet_id: number;
  patient_id: number;
  table: string;
  /** What tells rows of a patient apart; 0 for the one there is. */
  ligne: number;
  champ: string;
  /** What stands clear beside it and has to be as it was when it was sealed: its version, its state. */
  avec?: readonly (string | number | null)[];
}
