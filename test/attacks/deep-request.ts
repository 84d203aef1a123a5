import type { Client } from '../support/client';
import type { RowSubject } from '../support/places';

/** For every route, a request that does all that the route can do: nothing in it is refused. */
export interface DeepRequest {
  /** Whose request it is. */
  client: Client;
  userId: number | null;
  method: string;
  path: string;
  init: RequestInit;
  /** The row that it is about, where there is one before. */
  row: { subject: RowSubject; id: number } | null;
}

/** What is said of it where the rest goes without saying: an administrator of its own asks. */
export type Built = Pick<DeepRequest, 'path'> &
  Partial<Pick<DeepRequest, 'client' | 'userId' | 'init' | 'row'>> & { body?: unknown };
